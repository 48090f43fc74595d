import { describe, expect, it } from '@jest/globals';
import { type Fields, fieldsOf, isListed, isListedBelow } from '../../../src/authorize/fields.ts';

describe('the fields that Directus lists for a caller', () => {
  const lists: [string, readonly string[] | undefined, Fields][] = [
    ['the star means all', ['*'], 'all'],
    ['the star absorbs the rest', ['id', '*'], 'all'],
    ['names mean themselves', ['id', 'email'], ['id', 'email']],
    ['an empty list means none', [], []],
    ['no list means none', undefined, []],
    ['a star in a path is no star', ['address.*'], ['address.*']],
  ];

  it.each(lists)('%s', (_what, listed, fields) => {
    expect(fieldsOf(listed)).toEqual(fields);
  });
});

describe('a caller may use a parameter', () => {
  const cases: [boolean, string, Fields, string[]][] = [
    [true, 'where all fields are listed', 'all', ['anything', 'below']],
    [true, 'that is listed', ['email'], ['email']],
    [true, 'below a listed one', ['address'], ['address', 'city']],
    [true, 'whose dotted path is listed', ['address.city'], ['address', 'city']],
    [true, 'below a listed dotted path', ['a.b'], ['a', 'b', 'c']],
    [false, 'that is not listed', ['email'], ['name']],
    [false, 'that only begins like a listed one', ['email'], ['email_2']],
    [false, 'beside a listed one', ['address.city'], ['address', 'line1']],
    [false, 'above a listed one', ['address.city'], ['address']],
    [false, 'listed in another case', ['email'], ['Email']],
    [false, 'where nothing is listed', [], ['email']],
  ];

  it.each(cases)('%s: one %s', (expected, _what, fields, path) => {
    expect(isListed(fields, path)).toBe(expected);
  });
});

describe('something below a path is listed', () => {
  const cases: [boolean, string, Fields, string[]][] = [
    [true, 'a field of it', ['address.city'], ['address']],
    [true, 'a field far below', ['a.b.c'], ['a']],
    [false, 'the whole of it, which is more than below', ['address'], ['address']],
    [false, 'a neighbour with a longer name', ['address_2.city'], ['address']],
    [true, 'all', 'all', ['address']],
  ];

  it.each(cases)('%s: %s', (expected, _what, fields, path) => {
    expect(isListedBelow(fields, path)).toBe(expected);
  });
});
