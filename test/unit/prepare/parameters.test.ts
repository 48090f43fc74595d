import { describe, expect, it } from '@jest/globals';
import { jsonParameters, requireOneMeaning, unambiguousParameters } from '../../../src/prepare/parameters.ts';
import { refusalOf } from '../refusal.ts';

const readings = (text: string, repeatable = false) =>
  unambiguousParameters(text, repeatable).map(({ path, value }) => [path.join('/'), value]);

describe('what a caller’s form or query names is understood', () => {
  const forms: [string, string, [string, string][]][] = [
    ['nothing', '', []],
    ['empty parts', '&&a=1&&', [['a', '1']]],
    ['one value', 'email=a%40b.c', [['email', 'a@b.c']]],
    ['a name without a value', 'a', [['a', '']]],
    ['a value with an equals sign', 'a=b=c', [['a', 'b=c']]],
    ['blanks in two notations', 'a=x+y%20z', [['a', 'x y z']]],
    ['separators in a value, encoded', 'a=%3Bb%3D1%26c', [['a', ';b=1&c']]],
    ['a value that is encoded twice, which is decoded once', 'a=%2561', [['a', '%61']]],
    ['a value beyond ASCII', 'a=%C3%A4', [['a', 'ä']]],
    ['a value with a zero', 'a=%00', [['a', '\0']]],
    ['a name that is encoded', '%61mount=1', [['amount', '1']]],
    ['names that every object has', '__proto__=1&constructor[a]=2', [['__proto__', '1'], ['constructor/a', '2']]], // biome-ignore format: one row
    ['an object', 'a[b]=1&a[c]=2', [['a/b', '1'], ['a/c', '2']]], // biome-ignore format: one row
    ['an object in an object', 'a[b][c]=1', [['a/b/c', '1']]],
    ['encoded brackets', 'a%5Bb%5D=1', [['a/b', '1']]],
    ['a list', 'a[]=1&a[]=2', [['a/', '1'], ['a/', '2']]], // biome-ignore format: one row
    ['a list with places', 'a[0]=x&a[1]=y', [['a/0', 'x'], ['a/1', 'y']]], // biome-ignore format: one row
    ['objects in a list', 'a[0][b]=x&a[1][b]=y', [['a/0/b', 'x'], ['a/1/b', 'y']]], // biome-ignore format: one row
    ['the same word at two depths', 'a[a]=1&b[a]=2', [['a/a', '1'], ['b/a', '2']]], // biome-ignore format: one row
    ['names that differ in case', 'a=1&A=2', [['a', '1'], ['A', '2']]], // biome-ignore format: one row
  ];
  it.each(forms)('%s', (_what, text, expected) => {
    expect(readings(text)).toEqual(expected);
    expect(readings(text, true)).toEqual(expected);
  });
});

describe('a form or query that two readers would understand differently is refused', () => {
  const forms: [string, string, string][] = [
    ['a semicolon between parameters', 'a=1;amount=2', 'older Rack and Python split there'],
    ['a semicolon in a name', 'a;amount=2', 'the same'],
    ['a name without a word', '=1', 'some readers drop it'],
    ['an encoded semicolon in a name', 'a%3Bb=1', 'a second decoding would split there'],
    ['an ampersand in a name', 'a%26amount=1', 'a second decoding would split there'],
    ['a name that is encoded twice', '%2561mount=1', 'a second decoding makes another name'],
    ['an equals sign in a name', 'a%3Db=1', 'a second decoding would split there'],
    ['a blank before a name', '+amount=1', 'PHP and Rack take it away'],
    ['a raw blank before a name', ' amount=1', 'the same'],
    ['a blank in a name', 'a%20b=1', 'PHP makes a_b of it'],
    ['a line break after a name', 'amount%0A=1', 'an anchored pattern may not see it'],
    ['a zero in a name', 'amount%00x=1', 'C reads amount'],
    ['a question mark before a name', '?amount=1', 'URLSearchParams takes it away'],
    ['a byte order mark before a name', '\ufeffamount=1', 'some readers take it away'],
    ['a letter that looks like another', '\u0430mount=1', 'some readers fold it'],
    ['a letter in full width', '\uff41mount=1', 'some readers fold it'],
    ['an unclosed bracket', 'a[b=1', 'PHP makes a_b of it, Rack a[b'],
    ['a bracket that was never opened', 'a]=1', 'Rack reads a'],
    ['brackets first', '[a]=1', 'Rack reads a'],
    ['a bracket within brackets', 'a[b[c]]=1', 'PHP and Rack part here'],
    ['something after the brackets', 'a[b]c=1', 'PHP drops it, Rack does not'],
    ['brackets half encoded and unclosed', 'a%5Bb=1', 'as unclosed ones'],
    ['an empty place before the end', 'a[][b]=1', 'Rack begins a new entry by guessing'],
    ['a blank in brackets', 'a[ ]=1', 'PHP reads a[]'],
    ['a percent sign that encodes nothing', 'a=100%', 'readers keep it, drop it or fail'],
    ['half an encoding', 'a=%A', 'the same'],
    ['bytes that are no UTF-8', 'a=%FF', 'readers replace or keep them'],
    ['a longer form of a character', 'a%C0%AE=1', 'a lax decoder reads a dot'],
    ['one name twice', 'a=1&a=2', 'the first wins here, the last there'],
    ['one name twice, once encoded', 'a=1&%61=2', 'the same'],
    ['one name twice, once without a value', 'a=1&a', 'the same'],
    ['a value and a list', 'amount=1&amount[]=2', 'whichever comes last wins, or it fails'],
    ['a list and a value', 'amount[]=2&amount=1', 'the same'],
    ['a value and an object', 'a=1&a[b]=2', 'the same'],
    ['a list and an object', 'a[]=1&a[b]=2', 'Rack fails, PHP mixes them'],
    ['a list with and without places', 'a[]=1&a[0]=2', 'the place is taken or not'],
    ['places and words', 'a[0]=1&a[b]=2', 'a list here, an object there'],
    ['one place twice', 'a[0]=1&a[0]=2', 'the first wins here, the last there'],
    ['one member twice', 'a[b]=1&a[b]=2', 'the same'],
    ['a value and an object, deep inside', 'a[b]=1&a[b][c]=2', 'the same'],
  ];
  it.each(forms)('%s: %s (%s)', (_what, text) => {
    const refusal = refusalOf(() => unambiguousParameters(text, false));
    expect([refusal.code, refusal.status]).toEqual(['INVALID_PAYLOAD', 400]);
  });

  const alwaysRefused = forms.filter(([, , why]) => !why.startsWith('the first wins') && why !== 'the same');
  it.each(alwaysRefused)('also where a name may be repeated: %s: %s', (_what, text) => {
    expect(refusalOf(() => unambiguousParameters(text, true)).code).toBe('INVALID_PAYLOAD');
  });

  it('without the values in the answer', () => {
    const refusal = refusalOf(() => unambiguousParameters('a=canary&a=canary', false));
    expect(refusal.message + JSON.stringify(refusal.extensions)).not.toContain('canary');
  });
});

describe('where a name may be repeated, as Twilio reads it', () => {
  const forms: [string, string, string[]][] = [
    ['a list repeats its name', 'MediaUrl=a&MediaUrl=b', ['a', 'b']],
    ['once in brackets, it does so too', 'a[b]=1&a[b]=2', ['1', '2']],
  ];
  it.each(forms)('%s', (_what, text, values) => {
    expect(unambiguousParameters(text, true).map(({ value }) => value)).toEqual(values);
  });

  it.each(['a=1&a[]=2', 'a[]=2&a=1', 'a=1&a[b]=2', 'a[0]=1&a[b]=2'])('%s is still two things', (text) => {
    expect(refusalOf(() => unambiguousParameters(text, true)).code).toBe('INVALID_PAYLOAD');
  });
});

describe('query and body together have one meaning', () => {
  const together = (query: string, body: string, repeatable: boolean) => () =>
    requireOneMeaning(
      [query, body].flatMap((text) => unambiguousParameters(text, repeatable)),
      repeatable,
    );

  it.each([
    ['a=1', 'a=2'],
    ['a[b]=1', 'a[b]=1'],
    ['a=1', 'a[]=2'],
    ['a[]=1', 'a[0]=2'],
  ])('%s beside %s is refused', (query, body) => {
    expect(refusalOf(together(query, body, false)).code).toBe('INVALID_PAYLOAD');
  });

  it.each([
    ['a=1', 'b=1', false],
    ['a[b]=1', 'a[c]=1', false],
    ['a=1', 'a=2', true],
  ] as const)('%s beside %s is not (repeatable: %s)', (query, body, repeatable) => {
    expect(together(query, body, repeatable)).not.toThrow();
  });
});

describe('what a caller’s JSON names', () => {
  const objects: [string, object, [string, string][]][] = [
    ['text and other values', { a: 'x', b: 1, c: null }, [['a', 'x'], ['b', '1'], ['c', 'null']]], // biome-ignore format: one row
    ['members of objects', { a: { b: { c: true } } }, [['a.b.c', 'true']]],
    ['entries of lists', { a: [{ b: 1 }, 'x'] }, [['a.0.b', '1'], ['a.1', 'x']]], // biome-ignore format: one row
    ['an empty list as itself', { a: [] }, [['a', '[]']]],
    ['an empty object as itself', { a: {} }, [['a', '{}']]],
    ['nothing', {}, []],
  ];
  it.each(objects)('%s', (_what, object, expected) => {
    const parameters = jsonParameters(JSON.parse(JSON.stringify(object)));
    expect(parameters.map(({ name, value }) => [name, value])).toEqual(expected);
  });
});
