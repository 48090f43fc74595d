import { describe, expect, it } from '@jest/globals';
import { namedRows, type Places } from '../../../src/authorize/named-rows.ts';
import { unambiguousParameters } from '../../../src/prepare/parameters.ts';
import type { RowRule } from '../../../src/upstreams/upstream.ts';
import { refusalOf } from '../refusal.ts';

const rowIn = (...from: Exclude<RowRule['from'], 'each-item'>): RowRule => ({ field: 'stripe_id', from });
const places = (path: Record<string, string>, query = '', body = ''): Places => ({
  path: new Map(Object.entries(path)),
  query: unambiguousParameters(query, false),
  body: unambiguousParameters(body, false),
});
const everywhere = rowIn({ path: 'id' }, { query: 'customer' }, { body: 'customer' });

describe('the rows that a caller’s request names', () => {
  const requests: [string, RowRule, Places, string[]][] = [
    ['in the path', rowIn({ path: 'id' }), places({ id: 'cus_1' }, 'customer=cus_2'), ['cus_1']],
    ['in the query', rowIn({ query: 'customer' }), places({}, 'customer=cus_1&x=y', 'customer=cus_2'), ['cus_1']],
    ['in the body', rowIn({ body: 'customer' }), places({}, 'customer=cus_2', 'customer=cus_1'), ['cus_1']],
    [
      'in several places, all of which count',
      everywhere,
      places({ id: 'a' }, 'customer=b', 'customer=c'),
      ['a', 'b', 'c'],
    ],
    ['several times, as one', everywhere, places({ id: 'a' }, 'customer=a'), ['a']],
    [
      'in a list, all of which count',
      rowIn({ query: 'customer' }),
      places({}, 'customer[]=a&customer[]=b'),
      ['a', 'b'],
    ],
    ['below the parameter', rowIn({ query: 'customer' }), places({}, 'customer[id]=a'), ['a']],
    ['nowhere, where every item of the answer is weighed', { field: 'f', from: 'each-item' }, places({}), []],
  ];
  it.each(requests)('%s', (_where, rule, given, expected) => {
    expect(namedRows(rule, given)).toEqual(expected);
  });
});

describe('a request that cannot be tied to a row is refused', () => {
  const requests: [string, RowRule, Places][] = [
    ['it names nothing', rowIn({ query: 'customer' }, { body: 'customer' }), places({}, 'limit=3', 'amount=1')],
    ['the parameter is in another case', rowIn({ query: 'customer' }), places({}, 'Customer=cus_1')],
    ['the parameter is below another', rowIn({ query: 'customer' }), places({}, 'a[customer]=cus_1')],
    ['the parameter is in another place', rowIn({ query: 'customer' }), places({}, '', 'customer=cus_1')],
  ];
  it.each(requests)('%s', (_why, rule, given) => {
    expect(refusalOf(() => namedRows(rule, given))).toMatchObject({ code: 'FORBIDDEN', logReason: 'no_row_named' });
  });
});

describe('a value that Directus might not compare as it is written is refused', () => {
  const values: [string, string][] = [
    ['$CURRENT_USER', 'Directus puts the user’s id there'],
    ['$CURRENT_USER.stripe_id', 'Directus puts a field of the user there'],
    ['$NOW', 'Directus puts a time there'],
    ['', 'it may stand for nothing'],
    ['a,b', 'it is two values in a list'],
    ['["a"]', 'it is a list'],
    ['{"_neq":1}', 'it is an operator'],
    ['a b', 'some databases ignore blanks'],
    ['cus_1 ', 'the same'],
    ['cus_1\n', 'the same'],
    ['cus_1\0', 'some databases end there'],
    ['a%', 'a wildcard'],
    ['cüs', 'some databases take it for cus'],
    ['a/b', 'it is more than a segment'],
    ['a.b', 'it is a path'],
    ['x'.repeat(256), 'it is longer than an id'],
  ];
  it.each(values)('%j: %s', (value) => {
    for (const given of [
      places({ id: value }),
      places({ id: 'cus_1' }, `customer=${encodeURIComponent(value)}`),
      places({ id: 'cus_1' }, 'customer=cus_1', `customer=${encodeURIComponent(value)}`),
    ]) {
      expect(refusalOf(() => namedRows(everywhere, given)).logReason).toBe('odd_row_value');
    }
  });

  it('and so is a path that has no such segment', () => {
    expect(refusalOf(() => namedRows(rowIn({ path: 'id' }), places({}))).logReason).toBe('odd_row_value');
  });

  it.each(['cus_1', 'CUS-1', '42', '_', 'x'.repeat(255)])('but %s is plain', (value) => {
    expect(namedRows(rowIn({ path: 'id' }), places({ id: value }))).toEqual([value]);
  });
});
