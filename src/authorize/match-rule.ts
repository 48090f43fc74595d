import type { Method, Rule, SecretResource, Upstream } from '../upstreams/upstream.ts';

/** The rule for a method and a path below the upstream's name, or undefined. */
export type MatchRule = (method: Method, path: string) => Rule | undefined;

/**
 * Makes the rule table of an upstream ready. A pattern is matched segment by segment: a literal, a literal with `.*` for
 * the same with or without an extension, `:name` for any one segment, a final `*` for one or more. A pattern that ends
 * in a slash is about paths that do, any other about paths that do not.
 *
 * The first rule that matches in *any* spelling decides, since the upstream may not tell them apart: letters in either
 * case, characters encoded or not, with or without a final slash. If it allows, letters and slash must be as written;
 * otherwise no rule matches, and none further down is tried. Resources that hold secrets are only allowed by a rule
 * that names them.
 */
export function createMatchRule({ rules, secrets }: Pick<Upstream, 'rules' | 'secrets'>): MatchRule {
  const table = rules.map((rule) => ({
    rule,
    ...compile(rule.path),
    names: compile(rule.path.toLowerCase()).segments,
  }));
  const secretTable = secrets.map((resource) => ({ resource, ...compile(resource.path.toLowerCase()) }));

  return (method, path) => {
    const exact = read(path);
    const loose = read(path, (text) => text.toLowerCase());
    const held = secretTable.filter(({ resource, segments }) => isFor(resource, method) && matches(segments, loose));
    const isNamed = (names: readonly string[]) => held.every(({ segments }) => isNamedBy(names, segments));
    const found = table.find(
      ({ rule, names }) => isFor(rule, method) && matches(names, loose) && ('deny' in rule || isNamed(names)),
    );
    if (found === undefined) return held[0] === undefined ? undefined : secretRule(held[0].resource);
    if ('deny' in found.rule) return found.rule;
    const isExact = found.endsInSlash === path.endsWith('/') && matches(found.segments, exact);
    return isExact ? found.rule : undefined;
  };
}

/** The values of the `:name` segments of a path that matches the rule, decoded. */
export function pathParameters(rule: Rule, path: string): ReadonlyMap<string, string> {
  const actual = read(path);
  const named = compile(rule.path).segments.flatMap((expected, index) =>
    expected.startsWith(':') ? [[expected.slice(1), actual[index] ?? ''] as const] : [],
  );
  return new Map(named);
}

/** Whether callers without a token are let in, to have what Directus grants to the public. */
export const isPublic = (rule: Rule | undefined): boolean =>
  rule !== undefined && 'collection' in rule && rule.public === true;

/** What stands for a resource that holds secrets where no rule names it. */
const secretRule = ({ path }: SecretResource): Rule => ({ path, deny: `secret:${path}` });

const isFor = ({ methods }: Pick<Rule, 'methods'>, method: Method): boolean => methods?.includes(method) ?? true;

type Pattern = { readonly segments: readonly string[]; readonly endsInSlash: boolean };

const compile = (pattern: string): Pattern => ({ segments: read(pattern), endsInSlash: pattern.endsWith('/') });

/** The segments of a path or pattern, decoded; the plain form of a path sees to it that none of them holds a slash. */
const read = (path: string, spell: (text: string) => string = (text) => text): string[] =>
  path
    .slice(1)
    .replace(/\/$/, '')
    .split('/')
    .map((segment) => spell(decodeURIComponent(segment)));

function matches(pattern: readonly string[], actual: readonly string[]): boolean {
  const open = pattern.at(-1) === '*';
  if (open ? actual.length < pattern.length : actual.length !== pattern.length) return false;
  return pattern.every((expected, index) => matchesSegment(expected, actual[index] ?? ''));
}

function matchesSegment(expected: string, actual: string): boolean {
  if (expected === '*' || expected.startsWith(':')) return actual !== '';
  if (!expected.endsWith('.*')) return actual === expected;
  const name = expected.slice(0, -2);
  return actual === name || actual.startsWith(`${name}.`);
}

/** Whether a rule speaks of a resource itself: literal wherever the resource is, and no longer or shorter. */
const isNamedBy = (rule: readonly string[], resource: readonly string[]): boolean =>
  rule.length === resource.length &&
  resource.every((segment, index) => {
    const named = rule[index] ?? '';
    if (segment.startsWith(':')) return named !== '*';
    return withoutExtension(named) === withoutExtension(segment);
  });

const withoutExtension = (segment: string): string => segment.replace(/\.\*$/, '');
