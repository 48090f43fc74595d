import { describe, expect, it } from '@jest/globals';
import { matchRule, pathParameters } from '../../../src/authorize/match-rule.ts';
import type { Rule } from '../../../src/upstreams/upstream.ts';

const allow = (path: string): Rule => ({ path, collection: 'c' });
const deny = (path: string): Rule => ({ path, deny: 'secret' });

describe('an administrator’s rule covers a path', () => {
  const matches: [string, string, string][] = [
    ['/a/b', '/a/b', 'literally'],
    ['/a/:id', '/a/b', 'with any one segment for a name'],
    ['/a/:id/c', '/a/b/c', 'with a name in the middle'],
    ['/a/*', '/a/b', 'with one segment for the final star'],
    ['/a/*', '/a/b/c/d', 'with several segments for the final star'],
    ['/a/b.*', '/a/b', 'without an extension'],
    ['/a/b.*', '/a/b.json', 'with an extension'],
    ['/a/b.*', '/a/b.tar.gz', 'with two'],
    ['/a/b.*', '/a/b.', 'with an empty one'],
    ['/a/b.*/c', '/a/b.json/c', 'with an extension in the middle'],
  ];
  it.each(matches)('%s covers %s: %s', (pattern, path) => {
    const [allowing, denying] = [allow(pattern), deny(pattern)];
    expect(matchRule([allowing], 'GET', path)).toBe(allowing);
    expect(matchRule([denying], 'GET', path)).toBe(denying);
  });

  const misses: [string, string, string][] = [
    ['/a/b', '/a', 'too short'],
    ['/a/b', '/a/b/c', 'too long'],
    ['/a/b', '/a/bb', 'only the beginning of a segment'],
    ['/a/b', '/x/a/b', 'only the end of the path'],
    ['/a/:id', '/a', 'no segment for the name'],
    ['/a/:id', '/a/b/c', 'two segments for one name'],
    ['/a/*', '/a', 'no segment for the star'],
    ['/a/*', '/ab/c', 'another segment before the star'],
    ['/a/b.*', '/a/bc', 'no dot before the extension'],
    ['/a/b.*', '/a/b.json/c', 'a segment after the extension'],
    ['/a.c', '/abc', 'the dot is no pattern'],
  ];
  it.each(misses)('%s does not cover %s: %s', (pattern, path) => {
    expect(matchRule([allow(pattern), deny(pattern)], 'GET', path)).toBeUndefined();
  });
});

describe('letters in another case', () => {
  const paths: [string, string][] = [
    ['/A/Keys', '/a/keys'],
    ['/A/Keys', '/A/KEYS'],
    ['/A/Keys.*', '/a/kEYS.JSON'],
    ['/A/Keys/*', '/a/keys/SK1'],
    ['/a/keys', '/A/KEYS'],
  ];

  it.each(paths)('a rule that refuses %s refuses %s too', (pattern, path) => {
    expect(matchRule([deny(pattern)], 'GET', path)).toEqual(deny(pattern));
  });

  it.each(paths)('a rule that allows %s does not allow %s', (pattern, path) => {
    expect(matchRule([allow(pattern)], 'GET', path)).toBeUndefined();
  });
});

describe('the first rule that covers method and path decides', () => {
  const rules: Rule[] = [
    { methods: ['POST'], path: '/a', collection: 'posts' },
    { path: '/a/secret', deny: 'secret' },
    { methods: ['GET', 'HEAD'], path: '/a', collection: 'reads' },
    { path: '/a/*', collection: 'below' },
    { path: '/a/more', collection: 'never' },
  ];
  const decisions: ['GET' | 'HEAD' | 'POST' | 'DELETE', string, number | undefined, string][] = [
    ['POST', '/a', 0, 'the method fits'],
    ['GET', '/a', 2, 'an earlier rule is for another method'],
    ['HEAD', '/a', 2, 'HEAD must be named like any other'],
    ['DELETE', '/a', undefined, 'no rule is for this method'],
    ['GET', '/a/secret', 1, 'the refusal comes before the star'],
    ['POST', '/a/Secret', 1, 'in any case and with any method'],
    ['GET', '/a/more', 3, 'the star comes before the literal'],
    ['GET', '/b', undefined, 'nothing covers it'],
  ];

  it.each(decisions)('%s %s falls to rule %s: %s', (method, path, index) => {
    expect(matchRule(rules, method, path)).toBe(index === undefined ? undefined : rules[index]);
  });

  it('a rule with no methods at all covers none', () => {
    expect(matchRule([{ methods: [], path: '/a', collection: 'c' }], 'GET', '/a')).toBeUndefined();
  });
});

describe('the values that a caller’s path gives to the names of a rule', () => {
  const values: [string, string, Record<string, string>][] = [
    ['/payments/:customer_id', '/payments/cus_1', { customer_id: 'cus_1' }],
    ['/payments/:customer_id', '/payments/a%20b%C3%A4', { customer_id: 'a bä' }],
    ['/:a/x/:b', '/1/x/2', { a: '1', b: '2' }],
    ['/payments', '/payments', {}],
  ];

  it.each(values)('%s from %s', (pattern, path, expected) => {
    expect(Object.fromEntries(pathParameters(allow(pattern), path))).toEqual(expected);
  });
});
