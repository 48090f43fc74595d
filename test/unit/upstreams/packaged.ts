import { readFileSync } from 'node:fs';
import { createMatchRule } from '../../../src/authorize/match-rule.ts';
import { readUpstreams } from '../../../src/upstreams/read-upstreams.ts';
import type { Method, Rule, Upstream } from '../../../src/upstreams/upstream.ts';

/** A packaged upstream with its variables filled in. */
export function packaged(name: 'stripe' | 'twilio', variables: Readonly<Record<string, string>>): Upstream {
  const { upstreams, faults } = readUpstreams({ file: undefined, resolve: (variable) => variables[variable] });
  const found = upstreams.find((upstream) => upstream.name === name);
  if (found === undefined) throw new Error(`${name} is off: ${JSON.stringify(faults)}`);
  return found;
}

const matchers = new WeakMap<Upstream, ReturnType<typeof createMatchRule>>();

/** What decides. */
export function ruleFor(upstream: Upstream, method: Method, path: string): Rule | undefined {
  const match = matchers.get(upstream) ?? createMatchRule(upstream);
  matchers.set(upstream, match);
  return match(method, path);
}

/** The methods of every path of the public API; `taking` tells those that take a parameter `customer`. */
export function publicCalls(name: string, examples: Readonly<Record<string, string>> = {}) {
  const paths: Record<string, string> = JSON.parse(
    readFileSync(new URL(`${name}-paths.json`, import.meta.url), 'utf8'),
  );
  return Object.entries(paths).flatMap(([path, methods]) =>
    methods.split(' ').map((each) => ({
      method: each.replace(':customer', '') as Method,
      template: path,
      path: path.replaceAll(/:(\w+)/g, (_all, segment: string) => examples[segment] ?? 'X1'),
      takesCustomer: each.endsWith(':customer'),
    })),
  );
}

/** Ways to write a path that the API might take for the same. */
export const spellings: readonly (readonly [string, (path: string) => string])[] = [
  ['in upper case', (path) => path.toUpperCase()],
  ['in lower case', (path) => path.toLowerCase()],
  ['in mixed case', (path) => path.replace(/\/([a-z])/g, (_all, letter: string) => `/${letter.toUpperCase()}`)],
  ['with a final slash', (path) => `${path}/`],
  ['with an extension', (path) => `${path.replace(/\.json$/, '')}.json`],
  ['with another extension', (path) => `${path.replace(/\.json$/, '')}.xml`],
  ['with an extension in the middle', (path) => path.replace(/\/(\w+)\/(\w+)(\.json)?$/, '/$1.json/$2')],
];
