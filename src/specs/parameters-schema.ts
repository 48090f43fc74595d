import type { Grant } from '../authorize/authorize.ts';
import { isListed } from '../authorize/fields.ts';
import { isJsonObject, type Json, type JsonObject } from '../directus/json.ts';
import type { AllowedValues, DestinationLimit, Upstream } from '../upstreams/upstream.ts';
import { fieldsSchema } from './field-schema.ts';
import type { Schema } from './open-api.ts';

type Members = ReadonlyMap<string, Json>;

/**
 * The parameters that a body may bear by a grant: the permission's fields, less what nobody may send, and with the values
 * that the rule holds them to.
 * @param upstream under the grant's rule
 */
export function parametersSchema(grant: Grant, upstream: Upstream): Schema {
  const { fields, presets, rule } = grant;
  const { properties, ...schema } = fieldsSchema(fields, presets);
  const forbidden = new Set(forbiddenNames(upstream).map((name) => name.toLowerCase()));
  const members = [
    ...Object.entries(isJsonObject(properties) ? properties : {}),
    ...besideFields(grant, upstream),
  ].filter(([name]) => !forbidden.has(name.toLowerCase()));
  const held = new Map([
    ...allowedOnly(new Map(members), grant, upstream.allowedValues ?? {}),
    ...(rule.destinations === undefined ? [] : destinationMember(grant, rule.destinations)),
  ]);
  if (held.size === 0 && fields === 'all') return schema;
  return { ...schema, properties: Object.fromEntries(held) };
}

/** Parameters that nobody may send. @param upstream under the rule */
export const forbiddenNames = ({ forbiddenParameters, allowedValues = {} }: Upstream): string[] => [
  ...forbiddenParameters,
  ...Object.entries(allowedValues).flatMap(([name, values]) => (values.length === 0 ? [name] : [])),
];

/** What may be sent although no field is named like it. */
function besideFields(
  { fields, action }: Grant,
  { pageParameters, expandParameter, list }: Upstream,
): [string, Json][] {
  if (fields === 'all') return [];
  const pages = action === 'read' ? pageParameters.map((name): [string, Json] => [name, {}]) : [];
  if (expandParameter === undefined) return pages;
  const above = fields.flatMap((field) => {
    const names = field.split('.');
    return names.slice(1).map((_name, index) => names.slice(0, index + 1).join('.'));
  });
  const expandable = [...new Set(above.flatMap((path) => [path, `${list.items}.${path}`]))];
  return expandable.length === 0
    ? pages
    : [...pages, [expandParameter, { type: 'array', items: { type: 'string', enum: expandable } }]];
}

const allowedOnly = (members: Members, { fields }: Grant, allowed: AllowedValues): Members =>
  new Map([
    ...members,
    ...Object.entries(allowed).flatMap(([name, values]): [string, Json][] =>
      values.length === 0 || !isListed(fields, [name])
        ? []
        : [[name, { ...asObject(members.get(name)), type: 'string', enum: values }]],
    ),
  ]);

function destinationMember({ fields, presets }: Grant, { parameter, prefixes }: DestinationLimit): [string, Json][] {
  if (!isListed(fields, [parameter])) return [];
  const { [parameter]: preset } = presets;
  const number = `(?:${(prefixes ?? ['']).map((prefix) => prefix.replaceAll('+', '\\+')).join('|')})[^,]+`;
  const member = {
    type: 'string',
    description: 'Telephone numbers, with commas between them.',
    pattern: `^${number}(?:, *${number})*$`,
    ...(preset !== undefined && { default: preset }),
  };
  return [[parameter, member]];
}

const asObject = (member: Json | undefined): JsonObject => (isJsonObject(member) ? member : {});
