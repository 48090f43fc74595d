import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { authorize } from '../../../src/authorize/authorize.ts';
import { createMatchRule } from '../../../src/authorize/match-rule.ts';
import { prepare } from '../../../src/prepare/prepare.ts';
import { findUpstream } from '../../../src/route/find-upstream.ts';
import { parseRequestTarget } from '../../../src/route/request-target.ts';
import type { Method, Rule, SecretResource, Upstream } from '../../../src/upstreams/upstream.ts';
import { vocabularyOf } from '../../../src/upstreams/vocabulary.ts';
import { connectedBy } from '../connected.ts';
import { admittedTo, someCaller, sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { upstreamOf } from '../settings.ts';
import { spelled, spelledPath, word } from './spellings.ts';

const declaration = `
  upstreams:
    api:
      origin: https://api.example
      hosts: { eu.example: https://eu.example, a: https://a.example }
      credential: { bearer: "\${KEY}" }
      rules: []`;
const plain = upstreamOf('api', declaration, { KEY: 'canary' });
const { hosts } = plain;

const { path: patternForm } = vocabularyOf(() => undefined);
const isPattern = (pattern: string): boolean => patternForm.safeParse(pattern.replaceAll('$', '$$$$')).success;

const literal = word.chain(spelled);
const segment = fc.oneof(
  { weight: 4, arbitrary: literal },
  { weight: 1, arbitrary: literal.map((text) => `${text}.*`) },
  { weight: 1, arbitrary: fc.constant('.*') },
  { weight: 2, arbitrary: fc.constantFrom(':name', ':Other') },
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '/eu.example', '/a'),
    fc.array(segment, { maxLength: 3 }),
    fc.constantFrom('', '', '/*'),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([host, segments, star, slash]) => `${host}${segments.map((each) => `/${each}`).join('')}${star}${slash}`)
  .filter((text) => isPattern(text));
const methods = fc.constantFrom<Method[] | undefined>(undefined, undefined, undefined, ['GET'], ['POST', 'PUT']);
const rules = fc
  .array(
    fc.record({
      path: pattern,
      methods,
      deny: fc.boolean(),
      host: fc.constantFrom(undefined, undefined, 'eu.example'),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((each) =>
    each.map(({ path, methods: of, deny, host }, index): Rule => {
      const scope = of === undefined ? { path } : { path, methods: of };
      return deny && index % 2 === 0 ? { ...scope, deny: `d${index}` } : { ...scope, collection: `c${index}`, host };
    }),
  );
const secrets = fc.array(fc.record({ path: pattern, methods, members: fc.constant([]) }), { maxLength: 3 });

/** What a path that a pattern is about may read. */
const pathFor = (text: string): fc.Arbitrary<string[]> =>
  fc
    .tuple(
      ...segmentsOf(text).map((each): fc.Arbitrary<string[]> => {
        if (each === '*') return fc.array(word, { minLength: 1, maxLength: 2 });
        if (each.startsWith(':')) return word.map((one) => [one]);
        const name = each.replace(/\.\*$/, '');
        return each.endsWith('.*')
          ? fc.constantFrom([`${name}.json`], [`${name}.x`], [name || '.y'])
          : fc.constantFrom([name], [name], [`${name}.json`], [name.replace(/(?<=.)\.\w+$/, '')]);
      }),
    )
    .map((segments) => segments.flat());
const anyPath = fc
  .tuple(fc.constantFrom([], [], ['eu.example'], ['A']), fc.array(word, { minLength: 1, maxLength: 4 }))
  .map(([host, segments]) => [...host, ...segments]);

/** A table, and a path that is mostly about something in it, in several spellings. */
const cases = fc.tuple(rules, secrets).chain(([table, held]) => {
  const about = [...table, ...held].map(({ path }) => pathFor(path));
  return fc.oneof({ weight: 5, arbitrary: fc.oneof(...about) }, { weight: 1, arbitrary: anyPath }).chain((decoded) =>
    fc.record({
      rules: fc.constant(table),
      secrets: fc.constant(held),
      method: fc.constantFrom<Method>('GET', 'POST', 'DELETE'),
      decoded: fc.constant(decoded),
      spellings: fc.array(spelledPath(decoded), { minLength: 4, maxLength: 8 }),
    }),
  );
});
type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never;

const isAccepted = (path: string): boolean => {
  try {
    return parseRequestTarget(`/api${path}`).path === `/api${path}`;
  } catch {
    return false;
  }
};
const decisions = ({ rules: table, secrets: held, method, spellings }: Case) => {
  const matchRule = createMatchRule({ rules: table, secrets: held });
  return spellings.filter(isAccepted).map((path) => ({ path, rule: matchRule(method, path) }));
};
const allowing = (rule: Rule | undefined) => (rule !== undefined && 'collection' in rule ? rule : undefined);

const isFor = ({ methods: of }: Pick<Rule, 'methods'>, method: Method) => of?.includes(method) ?? true;

const runs = { numRuns: 6_000 };

describe('however a caller spells a path', () => {
  it('at most one rule allows it, and never one where another spelling is denied', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const found = decisions(given).map(({ rule }) => rule);
        const allowed = new Set(found.flatMap((rule) => allowing(rule) ?? []));
        const denied = found.flatMap((rule) => (rule !== undefined && 'deny' in rule ? [rule.deny] : []));
        expect(allowed.size).toBeLessThanOrEqual(1);
        if (denied.length > 0) expect(denied).toEqual(found.map(() => denied[0]));
      }),
      runs,
    );
  });

  it('it is allowed in no spelling but that of the first rule that is about it', () => {
    fc.assert(
      fc.property(cases, (given) => {
        for (const { path, rule } of decisions({ ...given, secrets: [] })) {
          const about = given.rules.filter(
            (each) => isFor(each, given.method) && expression(each.path, true).test(plainly(path)),
          );
          const asked = last(path);
          const isNamed = about.some((each) => extended.test(last(each.path)) && last(each.path) === asked);
          const first = about.find((each) => !isNamed || !extended.test(last(each.path)) || last(each.path) === asked);
          const isExact = first !== undefined && expression(first.path, false).test(plainly(path));
          expect(rule).toBe(isExact || (first !== undefined && 'deny' in first) ? first : undefined);
        }
      }),
      runs,
    );
  });

  it('a resource that holds secrets is never allowed by a rule that does not name it', () => {
    fc.assert(
      fc.property(cases, (given) => {
        for (const { path, rule } of decisions(given)) {
          const allowed = allowing(rule);
          if (allowed === undefined) continue;
          const held = given.secrets.filter((each) => isFor(each, given.method) && isHeldBy(each, allowed, path));
          expect(held.filter((each) => !names(allowed, each))).toEqual([]);
        }
      }),
      runs,
    );
  });

  it('the path that is decided on is the path that is sent, byte for byte, and to a host of the upstream’s own', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom('', 'a=%20+b&c'), async (given, query) => {
        for (const path of given.spellings.filter(isAccepted)) {
          const outgoing = await sentFor(given, path, query);
          if (outgoing === undefined) continue;
          const { origin, target, host } = outgoing;
          expect([origin, target]).toEqual(wayOut(path, query, host));
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('and enough of all this is allowed, and denied, for it to say something', () => {
    const all = fc.sample(cases, { numRuns: 3_000, seed: 7 }).flatMap(decisions);
    const count = (is: (rule: Rule | undefined) => boolean) => all.filter(({ rule }) => is(rule)).length;
    expect(all.length).toBeGreaterThan(10_000);
    expect(count((rule) => allowing(rule) !== undefined)).toBeGreaterThan(800);
    expect(count((rule) => rule !== undefined && 'deny' in rule && /^d\d$/.test(rule.deny))).toBeGreaterThan(800);
    expect(count((rule) => rule !== undefined && 'deny' in rule && rule.deny.startsWith('secret:'))).toBeGreaterThan(
      300,
    );
  });
});

/** Where a path must lead, and how it must be written there. */
function wayOut(path: string, query: string, host: string | undefined): [string, string] {
  const [, first = ''] = path.split('/');
  const named = hosts.get(first);
  const sent = named === undefined ? path : path.slice(1 + first.length) || '/';
  return [named ?? hosts.get(host ?? '') ?? 'https://api.example', query === '' ? sent : `${sent}?${query}`];
}

/** What goes upstream for a caller who has every permission, and the host that the rule names; undefined: refused. */
async function sentFor(given: Case, path: string, query: string) {
  const upstream: Upstream = { ...plain, rules: given.rules, secrets: given.secrets };
  const upstreams = connectedBy([upstream], () => Promise.resolve());
  const route = findUpstream(upstreams, undefined, parseRequestTarget(`/api${path}?${query}`));
  expect(route.target).toEqual({ path, query });
  const rule = allowing(route.matchRule(given.method, route.target.path));
  if (rule === undefined) return undefined;
  const full = { access: 'full', fields: ['*'] } as const;
  const permissions = new Map([[rule.collection, { create: full, read: full, update: full, delete: full }]]);
  const grant = authorize({ ...someCaller, permissions }, rule, given.method, route.target.path);
  const outgoing = await prepare(sourceOf(incoming({})), { ...admittedTo(upstream, { path, query, grant }), route });
  return { ...outgoing, host: rule.host };
}

/** A pattern as a regular expression over the decoded path, written anew from the description of patterns. */
function expression(text: string, loosely: boolean): RegExp {
  const parts = segmentsOf(text).map((each, index, all) => {
    if (each === '*') return '/.*[^/].*';
    if (each.startsWith(':')) return '/[^/]+';
    const isLast = index === all.length - 1;
    const name = each.replace(loosely && isLast ? /(?<=.)\.[^.]*$|\.\*$/ : /\.\*$/, '');
    const literally = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    if (name === '') return '/\\.[^/]*'; // an empty name, which no segment is without its extension
    const isAnyExtension = each.endsWith('.*') || (loosely && isLast && !/^\.[^.]*$/.test(each));
    return isAnyExtension ? `/${literally}(?:\\.[^/]*)?` : `/${literally}`;
  });
  const end = loosely ? '/?' : text.endsWith('/') ? '/' : '';
  const open = segmentsOf(text).at(-1) === '*' && !loosely && !text.endsWith('/') ? '(?<!/)' : '';
  return new RegExp(`^${parts.join('')}${open}${end}$`, loosely ? 'iu' : 'u');
}

/** A name with one extension and no other. */
const extended = /^[^:].*\.[^.*]*$/u;
const last = (path: string): string => (segmentsOf(path).at(-1) ?? '').toUpperCase().toLowerCase();

const plainly = (path: string): string => path.split('/').map(decodeURIComponent).join('/');
const segmentsOf = (text: string): string[] =>
  plainly(text)
    .replace(/^\/|\/$/g, '')
    .split('/');

/** Whether the resource is what a request by this rule reaches: at the place of its path, or of the rule's host. */
const isHeldBy = ({ path: resource }: SecretResource, rule: Rule, path: string): boolean => {
  const at = 'host' in rule && rule.host !== undefined ? [path, `/${rule.host}${path}`] : [path];
  return at.some((each) => expression(resource, true).test(plainly(each)));
};

/** As many segments, and literal wherever the resource is; with the host of the rule where the resource has one. */
function names(rule: Rule, { path: resource }: SecretResource): boolean {
  const expected = segmentsOf(resource);
  const own = segmentsOf(rule.path);
  const from = 'host' in rule && rule.host !== undefined ? [own, [rule.host, ...own]] : [own];
  return from.some(
    (named) =>
      named.length === expected.length &&
      expected.every((each, index) => {
        const mine = named[index] ?? '';
        if (each === '*') return !mine.startsWith(':');
        return each.startsWith(':') ? mine !== '*' : mine !== '*' && !mine.startsWith(':');
      }),
  );
}
