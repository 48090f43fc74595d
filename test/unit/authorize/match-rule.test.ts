import { describe, expect, it } from '@jest/globals';
import { createMatchRule, isPublic, pathParameters } from '../../../src/authorize/match-rule.ts';
import type { Method, Rule, SecretResource } from '../../../src/upstreams/upstream.ts';

const matchRule = (rules: readonly Rule[], method: Method, path: string, secrets: readonly SecretResource[] = []) =>
  createMatchRule({ rules, secrets })(method, path);
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
    ['/a/.*', '/a/.json', 'with an empty name before the extension'],
    ['/a/', '/a/', 'with its final slash'],
    ['/a/*/', '/a/b/c/', 'with a final slash after the star'],
    ['/a@b/c:d', '/a@b/c:d', 'with delimiters'],
    ['/a@b', '/a%40b', 'with delimiters that the caller encodes'],
    ['/a%40b', '/a@b', 'with delimiters that the rule encodes'],
    ['/a%20b/%C3%A4', '/a%20b/%c3%a4', 'with what must be encoded, in either case of digits'],
    ['/K%C3%84SE', '/K%C3%84SE', 'with capital letters beyond ASCII'],
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
    ['/a/*', '/', 'no segment at all'],
    ['/:id', '/', 'no segment at all'],
    ['/a/b', '/a/*', 'a star that the caller writes'],
    ['/a/b', '/a/:b', 'a name that the caller writes'],
    ['/a/.*', '/a/b', 'a name where it must be empty'],
  ];
  it.each(misses)('%s does not cover %s: %s', (pattern, path) => {
    expect(matchRule([allow(pattern), deny(pattern)], 'GET', path)).toBeUndefined();
  });
});

describe('letters in another case', () => {
  const paths: [string, string][] = [
    ['/A/%C3%84', '/a/%C3%A4'],
    ['/A/%C3%A4', '/a/%C3%84'],
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

describe('a final slash', () => {
  const paths: [string, string][] = [
    ['/a/keys', '/a/keys/'],
    ['/a/keys/', '/a/keys'],
    ['/a/keys.*', '/a/keys.json/'],
    ['/a/*', '/a/keys/'],
    ['/a/*/', '/a/keys'],
    ['/a/:id', '/a/keys/'],
  ];

  it.each(paths)('a rule that refuses %s refuses %s too', (pattern, path) => {
    expect(matchRule([deny(pattern)], 'GET', path)).toEqual(deny(pattern));
  });

  it.each(paths)('a rule that allows %s does not allow %s, nor does any after it', (pattern, path) => {
    expect(matchRule([allow(pattern), allow('/a/*'), allow('/a/*/')], 'GET', path)).toBeUndefined();
  });
});

describe('an extension', () => {
  const paths: [string, string][] = [
    ['/a/keys.json', '/a/keys'],
    ['/a/keys.json', '/a/keys.xml'],
    ['/a/keys.json', '/a/keys.json.xml'],
    ['/a/keys.json', '/a/keys.'],
    ['/a/keys.json', '/a/Keys/'],
    ['/a/keys', '/a/keys.json'],
    ['/a/keys', '/a/keys.1'],
    ['/a/keys.tar.gz', '/a/keys.tar'],
    ['/:a/keys.json', '/a/keys.csv'],
    ['/keys.json', '/keys'],
    ['/keys', '/keys.json'],
  ];

  it.each(paths)('a rule that refuses %s refuses %s too', (pattern, path) => {
    expect(matchRule([deny(pattern)], 'GET', path)).toEqual(deny(pattern));
  });

  it.each(paths)('a rule that allows %s does not allow %s, nor does any after it', (pattern, path) => {
    const rules = ['/a/keys.*', '/a/keys', '/a/*', '/a/:id', '/*', '/*/'].filter((each) => each !== pattern);
    expect(matchRule([pattern, ...rules].map(allow), 'GET', path)).toBeUndefined();
  });

  const others: [string, string][] = [
    ['/a/keys.json', '/a/keys2'],
    ['/a/keys.json', '/a/keysjson'],
    ['/a/keys.json', '/a/keys.json/b'],
    ['/a/keys.tar.gz', '/a/keys'],
    ['/a/b.json/c', '/a/b/c'],
    ['/a/.json', '/a/.xml'],
    ['/a/.json', '/a/b.json'],
  ];
  it.each(others)('a rule for %s is not about %s', (pattern, path) => {
    const below = allow('/*');
    expect(matchRule([deny(pattern), below], 'GET', path)).toBe(below);
  });

  it('that a rule names is that rule’s, and not of one that names another', () => {
    const rules = [allow('/a/b.csv'), allow('/a/B.pdf'), allow('/a/b.pdf'), allow('/*')];
    const found = ['/a/b.csv', '/a/B.pdf', '/a/b.pdf', '/a/b.xml', '/a/b'].map((path) => matchRule(rules, 'GET', path));
    expect(found).toEqual([rules[0], rules[1], undefined, undefined, undefined]);
    const posts: Rule = { methods: ['POST'], path: '/a/b.pdf', collection: 'c' };
    expect(matchRule([deny('/a/b.csv'), posts], 'GET', '/a/b.pdf')).toEqual(deny('/a/b.csv'));
    expect(matchRule([deny('/a/b.csv'), posts], 'POST', '/a/b.pdf')).toBe(posts);
    expect(matchRule([deny('/a/b'), posts], 'POST', '/a/b.pdf')).toEqual(deny('/a/b'));
  });
});

describe('a caller who spells a path in another way does not slip past the rule that is for it', () => {
  const rules = [allow('/a/Orders'), { path: '/*', collection: 'everything' }, { path: '/*/', collection: 'all' }];
  it.each(['/a/orders', '/A/Orders', '/a/ORDERS', '/a/Orders/', '/A/orders/'])('%s', (path) => {
    expect(matchRule(rules, 'GET', path)).toBeUndefined();
  });
  it('while other paths fall to the rules below', () => {
    expect(matchRule(rules, 'GET', '/a/orders2')).toBe(rules[1]);
  });
});

describe('a resource whose answers hold secrets', () => {
  const secrets: SecretResource[] = [
    { methods: ['POST'], path: '/v1/keys', members: ['secret'] },
    { path: '/v1/keys/:id/Roll', members: ['secret'] },
    { path: '/v2/Tokens.*', members: [] },
    { path: '/v3/vault/*', members: [] },
  ];
  const secret = (index: number): Rule => ({
    path: secrets[index]?.path ?? '',
    deny: `secret:${secrets[index]?.path}`,
  });

  const refused: [string, Method, string, string[], number][] = [
    ['a star', 'POST', '/v1/keys', ['/*'], 0],
    ['a star right above', 'POST', '/v1/keys', ['/v1/*'], 0],
    ['a name in its place', 'POST', '/v1/keys', ['/v1/:resource'], 0],
    ['a name above it', 'POST', '/v1/keys', ['/:version/keys'], 0],
    ['several of them', 'POST', '/v1/keys', ['/*', '/v1/*', '/:a/:b'], 0],
    ['a star for what it has named', 'GET', '/v1/keys/k_1/Roll', ['/v1/keys/*'], 1],
    ['a star at its end', 'GET', '/v1/keys/k_1/Roll', ['/v1/keys/:id/*'], 1],
    ['a name for the last literal', 'GET', '/v1/keys/k_1/Roll', ['/v1/keys/:id/:action'], 1],
    ['a name for a literal with an extension', 'GET', '/v2/Tokens.json', ['/v2/:resource'], 2],
    ['a star, asked for with an extension', 'POST', '/v1/keys.json', ['/*'], 0],
    ['a star, asked for in another case', 'GET', '/V2/tokens.JSON', ['/*'], 2],
    ['a star, asked for with a final slash', 'GET', '/v2/Tokens/', ['/*/'], 2],
    ['a name within a whole tree of them', 'GET', '/v3/vault/a', ['/v3/vault/:id'], 3],
    ['a longer path into a whole tree of them', 'GET', '/v3/vault/a/b', ['/v3/vault/a/b'], 3],
  ];
  it.each(refused)('is not allowed by %s: %s %s', (_what, method, path, patterns, index) => {
    expect(matchRule(patterns.map(allow), method, path, secrets)).toEqual(secret(index));
  });

  const named: [string, Method, string, string][] = [
    ['literally', 'POST', '/v1/keys', '/v1/keys'],
    ['with a name where it has one', 'GET', '/v1/keys/k_1/Roll', '/v1/keys/:key/Roll'],
    ['with its extension', 'GET', '/v2/Tokens.json', '/v2/Tokens.*'],
    ['without one', 'GET', '/v2/Tokens', '/v2/Tokens'],
    ['with one of its extensions', 'GET', '/v2/Tokens.json', '/v2/Tokens.json'],
    ['the whole tree', 'GET', '/v3/vault/a/b', '/v3/vault/*'],
  ];
  it.each(named)('is allowed by a rule that names it, even after a star: %s', (_how, method, path, pattern) => {
    const rules = [allow('/*'), { path: pattern, collection: 'secrets' }];
    expect(matchRule(rules, method, path, secrets)).toBe(rules[1]);
  });

  it('is refused where the rule that names it is in another spelling', () => {
    expect(matchRule([allow('/V1/Keys'), allow('/*')], 'POST', '/v1/keys', secrets)).toBeUndefined();
  });

  it('is refused by a rule that denies, whether or not that names it, for its own reason', () => {
    const rules = [{ path: '/v1/*', deny: 'off' }, allow('/v1/keys')];
    expect(matchRule(rules, 'POST', '/v1/keys', secrets)).toBe(rules[0]);
  });

  it('is one by its methods only', () => {
    const rules = [allow('/v1/*')];
    expect(matchRule(rules, 'GET', '/v1/keys', secrets)).toBe(rules[0]);
  });

  it('is one also where only the rule leads to its host', () => {
    const held: SecretResource[] = [{ path: '/verify.example/v2/Services', members: ['secret'] }];
    const to = (path: string): Rule => ({ path, collection: 'c', host: 'verify.example' });
    expect(matchRule([to('/v2/*')], 'GET', '/v2/Services', held)).toBeUndefined();
    expect(matchRule([to('/:version/Services'), to('/*')], 'GET', '/v2/services', held)).toBeUndefined();
    const [named, all] = [to('/v2/Services'), to('/v2/*')];
    expect(matchRule([all, named], 'GET', '/v2/Services', held)).toBe(named);
    expect(matchRule([all, named], 'GET', '/v2/Others', held)).toBe(all);
    expect(matchRule([allow('/v2/*')], 'GET', '/v2/Services', held)).toEqual(allow('/v2/*'));
  });

  it('must be named as each of the resources that it is', () => {
    const both = [...secrets, { path: '/:any/keys', members: [] }];
    const rules = [allow('/:v/keys'), allow('/v1/keys')];
    expect(matchRule(rules, 'POST', '/v1/keys', both)).toBe(rules[1]);
    expect(matchRule([allow('/:v/keys')], 'POST', '/v1/keys', both)).toEqual(secret(0));
  });
});

it('only a rule that says so lets callers without a token in', () => {
  const open: Rule = { path: '/a', collection: 'c', public: true };
  expect([open, allow('/a'), deny('/a'), undefined].map(isPublic)).toEqual([true, false, false, false]);
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
    ['GET', '/A/more', undefined, 'the star is for it, though not so written'],
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
