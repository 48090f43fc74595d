import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { matchRule } from '../../../src/authorize/match-rule.ts';
import type { Method, Rule } from '../../../src/upstreams/upstream.ts';
import { isNamedBy } from './is-named-by.ts';

type DeclaredRule = Omit<Rule, 'path'> & {
  readonly path: string | readonly string[];
  readonly host?: string;
  readonly body?: string;
  readonly optional?: boolean;
};
type PackagedRule = Rule & Omit<DeclaredRule, 'path'>;
type Secret = { readonly methods: readonly string[]; readonly path: string; readonly members?: readonly string[] };
export type Packaged = {
  readonly origin: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly requestHeaders?: { readonly allow: readonly string[] };
  readonly links?: readonly string[];
  readonly probe: string;
  readonly rules: readonly PackagedRule[];
  readonly secrets: readonly Secret[];
};

const folder = new URL('../../../src/upstreams/packaged/', import.meta.url);

/** A packaged upstream with its variables filled in, and the secrets that were derived for it. */
export function packaged(name: 'stripe' | 'twilio', variables: Readonly<Record<string, string>>): Packaged {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
  const declared = parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? interpolate(value, variables) : value,
  );
  const { secrets } = JSON.parse(readFileSync(new URL(`${name}.secrets.json`, folder), 'utf8'));
  const rules = declared.rules.flatMap(({ path, ...rest }: DeclaredRule) =>
    [path].flat().map((one) => ({ ...rest, path: one })),
  );
  return { ...declared, rules, secrets: [...(declared.secrets ?? []), ...secrets] };
}

/** What decides: a rule that refuses, or one that allows and names what holds secrets. */
export function ruleFor({ rules, secrets }: Packaged, method: Method, path: string): PackagedRule | undefined {
  const held = secrets
    .filter((secret) => secret.methods.includes(method))
    .map((each) => ({ path: each.path, deny: 'secret' }));
  const touched = held.filter((secret) => matchRule([secret], method, path) !== undefined);
  const rule = matchRule(
    rules.filter((each) => 'deny' in each || touched.every((secret) => isNamedBy(each.path, secret.path))),
    method,
    path,
  );
  return rules.find((each) => each === rule);
}

/** The methods of every path of the public API; `taking` tells those that take a parameter `customer`. */
export function publicCalls(name: 'stripe' | 'twilio', examples: Readonly<Record<string, string>> = {}) {
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

function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  const filled = text.replaceAll(/\$\{(\w+)(?::-([^${}]*))?\}/g, (_all, name: string, instead?: string) => {
    const value = variables[name] ?? instead;
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  });
  return filled === text ? text : interpolate(filled, variables);
}
