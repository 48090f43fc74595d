import type { Method, Rule } from '../upstreams/upstream.ts';

/**
 * The first rule for this method and path, or undefined. Rules that refuse match letters in either case, since the
 * upstream may do so too; rules that allow match exactly.
 * @param path canonical path below the upstream's name
 */
export const matchRule = (rules: readonly Rule[], method: Method, path: string): Rule | undefined =>
  rules.find((rule) => (rule.methods?.includes(method) ?? true) && matchesPath(rule, path));

function matchesPath(rule: Rule, path: string): boolean {
  const anyCase = 'deny' in rule;
  const pattern = segments(anyCase ? rule.path.toLowerCase() : rule.path);
  const actual = segments(anyCase ? path.toLowerCase() : path);
  const open = pattern.at(-1) === '*';
  if (open ? actual.length < pattern.length : actual.length !== pattern.length) return false;
  return pattern.every((expected, index) => matchesSegment(expected, actual[index] ?? ''));
}

function matchesSegment(expected: string, actual: string): boolean {
  if (expected === '*' || expected.startsWith(':')) return true;
  if (!expected.endsWith('.*')) return actual === expected;
  const name = expected.slice(0, -2);
  return actual === name || actual.startsWith(`${name}.`);
}

const segments = (path: string): string[] => path.slice(1).split('/');

/** The values of the `:name` segments of a path that matches the rule, decoded. */
export function pathParameters(rule: Rule, path: string): ReadonlyMap<string, string> {
  const actual = segments(path);
  const named = segments(rule.path).flatMap((expected, index) =>
    expected.startsWith(':') ? [[expected.slice(1), decodeURIComponent(actual[index] ?? '')] as const] : [],
  );
  return new Map(named);
}

/** Whether callers without a token are let in, to have what Directus grants to the public. */
export const isPublic = (rule: Rule | undefined): boolean =>
  rule !== undefined && 'collection' in rule && rule.public === true;
