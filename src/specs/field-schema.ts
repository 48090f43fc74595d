import { type Fields, isListed } from '../authorize/fields.ts';
import { isJsonObject, type Json, type JsonObject } from '../directus/json.ts';
import { present, type Schema } from './open-api.ts';

/** What of a parameter may be sent: all of it, anything within it, or what is listed within it. */
type Node = { listed: 'whole' | 'within' | 'parts'; readonly inner: Map<string, Node> };

/**
 * The object that may be sent by the permission's fields: `a.b` is a member of a member, and nothing else is there where
 * fields are listed. What the presets fill in is the `default`.
 */
export function fieldsSchema(fields: Fields, presets: JsonObject): Schema {
  if (fields === 'all') return present({ type: 'object', properties: defaultsOf(presets) });
  return schemaOf(treeOf(fields), presets);
}

/** Dotted paths of the presets that a caller cannot replace, since the permission does not list their field. */
export const forcedPresets = (fields: Fields, presets: JsonObject, above: readonly string[] = []): string[] =>
  Object.entries(presets).flatMap(([name, value]) => {
    const path = [...above, name];
    if (isListed(fields, path)) return [];
    return isJsonObject(value) && Object.keys(value).length > 0 ? forcedPresets(fields, value, path) : [path.join('.')];
  });

function treeOf(fields: readonly string[]): Node {
  const root = emptyNode();
  for (const field of fields) {
    const names = field.split('.');
    const isWithin = names.length > 1 && names.at(-1) === '*';
    let node = root;
    for (const name of isWithin ? names.slice(0, -1) : names) {
      const next = node.inner.get(name) ?? emptyNode();
      node.inner.set(name, next);
      node = next;
    }
    if (node.listed !== 'whole') node.listed = isWithin ? 'within' : 'whole';
  }
  return root;
}

const emptyNode = (): Node => ({ listed: 'parts', inner: new Map() });

function schemaOf({ listed, inner }: Node, preset: Json | undefined): Schema {
  if (listed === 'whole') return present({ default: preset });
  if (listed === 'within') return { type: ['object', 'array'] };
  const presets = isJsonObject(preset) ? new Map(Object.entries(preset)) : new Map<string, Json>();
  return {
    type: 'object',
    properties: Object.fromEntries([...inner].map(([name, node]) => [name, schemaOf(node, presets.get(name))])),
    additionalProperties: false,
  };
}

const defaultsOf = (presets: JsonObject): JsonObject | undefined =>
  Object.keys(presets).length === 0
    ? undefined
    : Object.fromEntries(Object.entries(presets).map(([name, value]) => [name, { default: value }]));
