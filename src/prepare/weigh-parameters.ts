import type { Grant } from '../authorize/authorize.ts';
import { isListed, isListedBelow } from '../authorize/fields.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { AllowedValues, Upstream } from '../upstreams/upstream.ts';
import type { Named, Parameter } from './parameters.ts';

/**
 * Refuses parameters that the permission's fields do not list: of a write all of them, of a read those that speak of
 * a field, since a filter tells what it filters by. Presets on fields that are not listed are thereby forced.
 * @throws GatewayError FORBIDDEN, naming them
 */
export function requireListed(parameters: readonly Parameter[], grant: Grant, upstream: Upstream): void {
  const unlisted = parameters.filter((parameter) => !isAllowed(parameter, grant, upstream)).map(({ name }) => name);
  if (unlisted.length > 0) throw unlistedFields(unlisted, grant);
}

/**
 * Refuses what nobody may send: the upstream's forbidden parameters, those that bear its credential, and those that may
 * only have another value.
 * @throws GatewayError FORBIDDEN, naming them
 */
export function requirePermitted({ query, body }: Named, upstream: Upstream): void {
  const { forbiddenParameters, allowedValues = {}, credentials } = upstream;
  const forbidden = forbiddenParameters.map((name) => name.toLowerCase());
  const ofCredential = credentials.flatMap((each) => (each.kind === 'query' ? [each.name.toLowerCase()] : []));
  const named = [...query, ...body].filter((parameter) => isOneOf(forbidden, parameter));
  const claimed = query.filter((parameter) => isOneOf(ofCredential, parameter));
  const foreign = [...query, ...body].filter((parameter) => isForeign(parameter, allowedValues));
  const names = [...new Set([...named, ...claimed, ...foreign].map(({ name }) => name))];
  if (names.length === 0) return;
  throw new GatewayError('FORBIDDEN', {
    message: `The parameter ${names.map((name) => `"${name}"`).join(', ')} may not be sent here.`,
    extensions: { parameters: names },
    logReason: 'forbidden_parameter',
  });
}

/** By its name as it is written, or by the dotted path to it or above it. */
const isOneOf = (names: readonly string[], { name, path }: Parameter): boolean =>
  names.includes(name.toLowerCase()) ||
  path.some((_name, depth) =>
    names.includes(
      path
        .slice(0, depth + 1)
        .join('.')
        .toLowerCase(),
    ),
  );

/** Whether a parameter has another value than those that it may have. An empty one stands for none. */
const isForeign = ({ path: [top = ''], value }: Parameter, allowed: AllowedValues): boolean =>
  value !== '' &&
  Object.entries(allowed).some(([name, values]) => name.toLowerCase() === top.toLowerCase() && !values.includes(value));

function isAllowed({ path, value }: Parameter, { action, fields }: Grant, upstream: Upstream): boolean {
  const [top = ''] = path;
  if (top === upstream.expandParameter) return isListedBelow(fields, memberPath(value, upstream));
  if (action !== 'read') return isListed(fields, path);
  const isPage = path.length === 1 && upstream.pageParameters.includes(top);
  return isPage || isListed(fields, [top.replace(/[<>]$/, ''), ...path.slice(1)]); // a filter speaks of the field
}

/** The member that an `expand` names, which turns its id into an object: `customer` lists the id, `customer.*` the object; in a list it stands below the list's items (`data.customer`). */
const memberPath = (value: string, { list }: Upstream): readonly string[] => {
  const path = value.split('.');
  return path[0] === list.items ? path.slice(1) : path;
};

/** 403 with Directus' sentence for a field that is not among the permission's. */
export const unlistedFields = (names: readonly string[], { collection }: Grant): GatewayError =>
  new GatewayError('FORBIDDEN', {
    message: `You don't have permission to access ${names.map((name) => `"${name}"`).join(', ')} in collection "${collection}".`,
    extensions: { collection, fields: names },
    logReason: 'unlisted_field',
  });
