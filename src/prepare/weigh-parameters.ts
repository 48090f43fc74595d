import type { Grant } from '../authorize/authorize.ts';
import { isListed, isListedBelow } from '../authorize/fields.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { AllowedValues, GoverningRule, Upstream } from '../upstreams/upstream.ts';
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

/** Whether not everything may be sent, whoever it is. */
const isPicky = ({ forbiddenParameters, allowedValues }: Upstream, { destinations }: GoverningRule): boolean =>
  forbiddenParameters.length > 0 || allowedValues !== undefined || destinations !== undefined;

/** Whether something depends on what the body names, so that it must be understood. @param upstream under the grant's rule */
export const isBodyWeighed = ({ fields, presets, rows, rule }: Grant, upstream: Upstream): boolean =>
  fields !== 'all' || rows !== 'all' || Object.keys(presets).length > 0 || isPicky(upstream, rule);

/** Whether not everything may be sent, or the query has a place for the credential. */
export const isForbidding = (upstream: Upstream, rule: GoverningRule): boolean =>
  isPicky(upstream, rule) || upstream.credentials.some(({ kind }) => kind === 'query');

/**
 * Refuses what nobody may send: the upstream's forbidden parameters, those that bear its credential, and those that may
 * only have another value.
 * @throws GatewayError FORBIDDEN, naming them
 */
export function requirePermitted({ query, body }: Named, upstream: Upstream): void {
  const { forbiddenParameters, allowedValues = {}, credentials } = upstream;
  const ofCredential = credentials.flatMap((each) => (each.kind === 'query' ? [each.name] : []));
  const named = [
    ...[...query, ...body].filter(isBelow(forbiddenParameters)),
    ...query.filter(isBelow(ofCredential)),
    ...[...query, ...body].filter((parameter) => isForeign(parameter, allowedValues)),
  ].map(({ name }) => name);
  if (named.length > 0) throw unpermittedParameters(named);
}

/** 403 for parameters that nobody may send. */
export function unpermittedParameters(named: readonly string[]): GatewayError {
  const names = [...new Set(named)];
  return new GatewayError('FORBIDDEN', {
    message: `The parameter ${names.map((name) => `"${name}"`).join(', ')} may not be sent here.`,
    extensions: { parameters: names },
    logReason: 'forbidden_parameter',
  });
}

/** Whether a parameter is one of these, or within one: `a.b` and `a[b]` are also `a[0][b][c]`, and `Date` is `Date<`. */
function isBelow(declared: readonly string[]): (parameter: Parameter) => boolean {
  const paths = declared.map((name) => plainPath(name.replaceAll(/\[([^\]]*)\]/g, '.$1').split('.')));
  return ({ path }) => {
    const actual = plainPath(path);
    return paths.some((wanted) => wanted.every((name, depth) => actual[depth] === name));
  };
}

/** Without places in lists, in one spelling. */
const plainPath = (path: readonly string[]): string[] =>
  path.map((name) => name.toLowerCase().replace(/[<>]$/, '')).filter((name) => !/^\d*$/.test(name));

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
