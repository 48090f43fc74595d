import type { IncomingMessage } from 'node:http';
import type { Grant } from '../authorize/authorize.ts';
import { type Fields, isListed } from '../authorize/fields.ts';
import { isJsonObject, type Json, type JsonObject } from '../directus/json.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { BodyForm, DefaultParameter } from '../upstreams/upstream.ts';
import { type FormNotation, formFromJson, formFromObject, jsonObject } from './form.ts';
import { jsonParameters, type Parameter, unambiguousParameters } from './parameters.ts';
import { type BodySource, mediaType, readBody } from './read-body.ts';

/** A body that was read, in the form in which the upstream takes it. */
export type Content =
  | { readonly kind: 'form'; readonly text: string }
  | { readonly kind: 'json'; readonly value: JsonObject };

export type ContentNeeds = {
  readonly bodyForm: BodyForm;
  /** Something is decided by what the body names, so it must be understood or refused. */
  readonly weighed: boolean;
  /** A form may have to be completed. */
  readonly completed: boolean;
};

/**
 * The body, where it must be known: JSON for an upstream that takes forms always becomes one; any other body is read
 * only where something depends on it. Undefined: there is none, or it streams as it comes.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE when it must be understood and cannot be, or is not what is taken
 */
export async function readContent(
  source: BodySource,
  contentType: string | undefined,
  needs: ContentNeeds,
): Promise<Content | undefined> {
  const { bodyForm, weighed, completed } = needs;
  if (!hasBody(source.request)) return undefined;
  const type = mediaType(contentType);
  const takesForms = bodyForm !== 'json';
  if (type === jsonType && isFormNotation(bodyForm)) {
    return { kind: 'form', text: formFromJson(await readBody(source), bodyForm) };
  }
  if (type === jsonType && weighed) return { kind: 'json', value: jsonObject(await readBody(source)) };
  if (type === formType && takesForms && (weighed || completed)) {
    return { kind: 'form', text: await readBody(source) };
  }
  if (!weighed && (takesForms || type === jsonType)) return undefined;
  const message = `The body must be ${takesForms ? 'JSON or a form' : 'JSON'} here.`;
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', { message });
}

const isFormNotation = (bodyForm: BodyForm): bodyForm is FormNotation =>
  bodyForm === 'form-nested' || bodyForm === 'form-flat';

const notationOf = (bodyForm: BodyForm): FormNotation => (isFormNotation(bodyForm) ? bodyForm : 'form-nested');

const formType = 'application/x-www-form-urlencoded';
const jsonType = 'application/json';

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The content of a request that has none. */
export const emptyContent = (bodyForm: BodyForm): Content =>
  isFormNotation(bodyForm) ? { kind: 'form', text: '' } : { kind: 'json', value: {} };

/** What the content names. @throws GatewayError INVALID_PAYLOAD when it could be understood in two ways */
export const contentParameters = (content: Content, bodyForm: BodyForm): Parameter[] =>
  content.kind === 'json'
    ? jsonParameters(content.value)
    : unambiguousParameters(content.text, bodyForm === 'form-flat');

/** What is filled in: presets where the caller left them out, then defaults. */
export type Filling = Pick<Grant, 'presets' | 'fields'> & { readonly defaults: readonly DefaultParameter[] };

/**
 * The caller's content, byte for byte where it is a form, followed by what it leaves room for. As in Directus, a preset
 * gives way whole to a caller who may send the whole of the field; where only parts of it are listed, each of its leaves
 * is forced unless the caller may send, and sends, that one.
 * @param given what the caller's query and content name
 */
export function complete(content: Content, given: readonly Parameter[], filling: Filling, bodyForm: BodyForm): Content {
  const { presets, fields, defaults } = filling;
  if (content.kind === 'json') return { kind: 'json', value: merge(presets, content.value, fields) };
  const preset = unambiguousParameters(formFromObject(presets, notationOf(bodyForm)), true).filter(
    (leaf) => !given.some(({ path }) => givesWay(leaf.path, path, fields)),
  );
  const named = new Set([...new URLSearchParams(content.text).keys(), ...preset.map(({ name }) => name)]);
  const missing = defaults.filter(({ unless }) => !unless.some((name) => named.has(name)));
  const added = new URLSearchParams([
    ...preset.map(({ name, value }): [string, string] => [name, value]),
    ...missing.map(({ parameter, value }): [string, string] => [parameter, value]),
  ]);
  return { kind: 'form', text: [content.text, added.toString()].filter((part) => part !== '').join('&') };
}

function givesWay(preset: readonly string[], given: readonly string[], fields: Fields): boolean {
  if (preset[0] !== given[0]) return false;
  return isListed(fields, preset.slice(0, 1)) || isWithin(given, preset) || isWithin(preset, given);
}

const isWithin = (path: readonly string[], outer: readonly string[]): boolean =>
  outer.every((name, depth) => path[depth] === name);

function merge(presets: JsonObject, given: JsonObject, fields: Fields, above: readonly string[] = []): JsonObject {
  const merged = new Map<string, Json>(Object.entries(presets));
  for (const [name, value] of Object.entries(given)) {
    const path = [...above, name];
    const preset = merged.get(name);
    const inParts = isJsonObject(preset) && isJsonObject(value) && !isListed(fields, path);
    merged.set(name, inParts ? merge(preset, value, fields, path) : value);
  }
  return Object.fromEntries(merged);
}

/** As it goes on the wire. */
export const serialize = (content: Content): { readonly contentType: string; readonly body: Buffer } =>
  content.kind === 'json'
    ? { contentType: jsonType, body: Buffer.from(JSON.stringify(content.value)) }
    : { contentType: formType, body: Buffer.from(content.text) };
