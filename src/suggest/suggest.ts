import { authorize } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { isPossible } from '../specs/composed.ts';
import type { Way } from '../specs/routes.ts';
import { type Part, templatesOf } from '../specs/template.ts';
import { type Method, methods } from '../upstreams/upstream.ts';
import { byCost, closestFit, type Fit } from './closest-fit.ts';

export type Asked = {
  readonly method: Method;
  /** As the caller has written it, without the query. */
  readonly path: string;
  /** Name of the upstream whose own host name was asked: there are no other routes there. */
  readonly onHostOf?: string | undefined;
};

export type Suggestion = { readonly method: Method; readonly path: string };

/** What somebody may have meant who has asked for a route that there is not: one that they may use, or nothing. */
export type Suggest = (accountability: Accountability, asked: Asked) => Suggestion | undefined;

type Pattern = { readonly parts: readonly Part[]; readonly slash: '' | '/'; readonly way: Way | undefined };

/**
 * Nobody learns of a route that they may not use: each suggestion is decided on as a request would be.
 * @param own the gateway's own routes, which any caller may use
 */
export function createSuggest(ways: readonly Way[], own: readonly string[]): Suggest {
  let made: readonly Pattern[] | undefined;
  return (accountability, asked) => {
    made ??= [...own.map(ownPattern), ...ways.flatMap(patternsOf)]; // at the first question: most are never asked
    for (const found of nearest(made, asked)) {
      const suggestion = allowed(found, accountability, asked);
      if (suggestion !== undefined) return suggestion;
    }
    return undefined;
  };
}

type Found = { readonly pattern: Pattern; readonly fitted: Fit };

function nearest(patterns: readonly Pattern[], { path, onHostOf }: Asked): Found[] {
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  if (path.length > longestPath || segments.length > mostSegments) return [];
  const found = patterns.flatMap((pattern): Found[] => {
    const { parts, slash, way } = pattern;
    if (onHostOf !== undefined && way?.upstream.name !== onHostOf) return [];
    const fitted = closestFit(onHostOf === undefined ? parts : parts.slice(1), segments);
    return fitted === undefined ? [] : [{ pattern, fitted: { ...fitted, path: fitted.path + slash } }];
  });
  return found.toSorted((one, other) => byCost(one.fitted, other.fitted)).slice(0, mostTried);
}

/** With the caller's method; else, where the path is right, with another. */
function allowed(
  { pattern, fitted: { path, cost } }: Found,
  accountability: Accountability,
  { method, path: askedPath, onHostOf }: Asked,
): Suggestion | undefined {
  const mayUse = (by: Method) => isAllowed(pattern, accountability, by, path, onHostOf);
  if (mayUse(method)) return path === askedPath ? undefined : { method, path };
  const another = cost < oneTypo ? methods.find(mayUse) : undefined;
  return another === undefined ? undefined : { method: another, path };
}

const ownPattern = (path: string): Pattern => ({
  parts: path
    .replace(/\/$/, '')
    .slice(1)
    .split('/')
    .map((text): Part => ({ kind: 'literal', text })),
  slash: path.endsWith('/') ? '/' : '',
  way: undefined,
});

/** Each path but once, whatever its rules say of methods. */
function patternsOf(way: Way): Pattern[] {
  const { name, rules } = way.upstream;
  const paths = new Set(rules.flatMap((rule) => ('deny' in rule ? [] : [rule.path])));
  const mount: Part = { kind: 'literal', text: name };
  return [...paths].flatMap(templatesOf).map(({ parts, slash }) => ({ parts: [mount, ...parts], slash, way }));
}

function isAllowed(
  { way }: Pattern,
  accountability: Accountability,
  method: Method,
  path: string,
  onHostOf: string | undefined,
): boolean {
  if (way === undefined) return method === 'GET' || method === 'HEAD';
  const target = onHostOf === undefined ? path.slice(1 + way.upstream.name.length) : path;
  try {
    return isPossible(authorize(accountability, way.matchRule(method, target), method, target));
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'FORBIDDEN') return false;
    throw error;
  }
}

const oneTypo = 0.5;

/** What is longer was hardly typed by somebody. */
const longestPath = 500;
const mostSegments = 20;
/** How many of the nearest are decided on. */
const mostTried = 20;
