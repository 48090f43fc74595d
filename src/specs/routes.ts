import { patternOf } from '../authorize/governing-collections.ts';
import type { MatchRule } from '../authorize/match-rule.ts';
import type { Permissions } from '../directus/accountability.ts';
import type { GoverningRule, Method, Upstream } from '../upstreams/upstream.ts';
import { knownOf } from './resources.ts';
import { samplingOf } from './sampling.ts';
import { deepened, isOpen, namesIn, type Template, withValues, writtenWith } from './template.ts';

export type Way = { readonly upstream: Upstream; readonly matchRule: MatchRule };

/** What one rule lets one method do, where nothing else decides first. */
export type Route = {
  readonly way: Way;
  readonly rule: GoverningRule;
  readonly method: Method;
  readonly template: Template;
  /** A path below the upstream's name, for which the rule has been seen to decide. */
  readonly sample: string;
};

/**
 * Every route that some permission could open, of those that the upstream is known to have. The real decision is asked
 * about a sample of each, so that what an earlier rule refuses, or decides otherwise, is not among them.
 */
export const routesOf = (way: Way): Route[] =>
  way.upstream.rules
    .filter((rule) => 'collection' in rule)
    .flatMap((rule) =>
      knownOf(way.upstream, rule.path).flatMap(({ template, methods }) =>
        decidedBy(way, rule, rule.methods?.filter((method) => methods.includes(method)) ?? methods, template),
      ),
    );

/**
 * The same route for each of the caller's collections that it could be about, where the path names the collection. Where
 * the caller has every collection there is, it stays as it is.
 */
export function routesWithin(route: Route, permissions: Permissions): Route[] {
  const { way, rule, method, template } = route;
  const names = [...rule.collection.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (!namesIn(template).some((name) => names.includes(name)) || !(permissions instanceof Map)) return [route];
  const pattern = patternOf(rule.collection);
  return [...permissions.keys()].flatMap((collection) => {
    const [, ...values] = pattern.exec(String(collection)) ?? [];
    if (values.length === 0) return [];
    const filled = withValues(template, new Map(names.map((name, index) => [name, values[index] ?? ''])));
    return decidedBy(way, rule, [method], filled);
  });
}

/** Beneath a final `*`, the first depth at which it is this rule that decides. */
function decidedBy(way: Way, rule: GoverningRule, of: readonly Method[], template: Template): Route[] {
  const { word, depths } = samplingOf(way.upstream);
  return of.flatMap((method) => {
    const found = (isOpen(template) ? depths : [1])
      .map((depth) => deepened(template, depth))
      .find((each) => way.matchRule(method, writtenWith(each, word)) === rule);
    return found === undefined ? [] : [{ way, rule, method, template: found, sample: writtenWith(found, word) }];
  });
}
