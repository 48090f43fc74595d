import { describe, expect, it } from '@jest/globals';
import { formFromJson } from '../../../src/prepare/form.ts';
import { refusalOf } from '../refusal.ts';

const nested = (json: string) => [...new URLSearchParams(formFromJson(json, 'form-nested'))];
const flat = (json: string) => [...new URLSearchParams(formFromJson(json, 'form-flat'))];

describe('a caller’s plain values arrive alike in both notations', () => {
  const values: [string, string, string][] = [
    ['text', '"a b"', 'a b'],
    ['empty text', '""', ''],
    ['text beyond ASCII', '"Grüße 🎉 ﷽"', 'Grüße 🎉 ﷽'],
    ['text that looks like a form', '"a=1&b[c]=2;+%20"', 'a=1&b[c]=2;+%20'],
    ['text with a line break and a zero', '"a\\r\\nb\\u0000"', 'a\r\nb\0'],
    ['a number', '12', '12'],
    ['a negative number', '-0.5', '-0.5'],
    ['the largest exact integer', '9007199254740991', '9007199254740991'],
    ['a large number as text', '"9007199254740993"', '9007199254740993'],
    ['true', 'true', 'true'],
    ['false', 'false', 'false'],
    ['null, which unsets', 'null', ''],
  ];

  it.each(values)('%s', (_what, json, text) => {
    expect(nested(`{"name":${json}}`)).toEqual([['name', text]]);
    expect(flat(`{"name":${json}}`)).toEqual([['name', text]]);
  });

  it('encoded as a form', () => {
    const form = formFromJson('{"To":"+1 555","Body":"ä&=","x[y]":"*"}', 'form-flat');
    expect(form).toBe('To=%2B1+555&Body=%C3%A4%26%3D&x%5By%5D=*');
  });

  it('in their order', () => {
    const names = ['b', 'a', 'c'];
    expect(nested('{"b":1,"a":2,"c":3}').map(([name]) => name)).toEqual(names);
    expect(flat('{"b":1,"a":2,"c":3}').map(([name]) => name)).toEqual(names);
  });

  it('with names like those that every object has, as parameters and nothing more', () => {
    const json = '{"__proto__":{"admin":true},"constructor":"x","toString":1}';
    expect(nested(json)).toEqual([
      ['__proto__[admin]', 'true'],
      ['constructor', 'x'],
      ['toString', '1'],
    ]);
    expect(flat(json)[0]).toEqual(['__proto__', '{"admin":true}']);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Object({}).admin).toBeUndefined();
  });
});

describe('lists and objects arrive in the notation of the upstream', () => {
  const bodies: [string, string, [string, string][], [string, string][]][] = [
    [
      'an object',
      '{"m":{"a":1,"b":"x"}}',
      [
        ['m[a]', '1'],
        ['m[b]', 'x'],
      ],
      [['m', '{"a":1,"b":"x"}']],
    ],
    [
      'a list',
      '{"u":["x","y"]}',
      [
        ['u[0]', 'x'],
        ['u[1]', 'y'],
      ],
      [
        ['u', 'x'],
        ['u', 'y'],
      ],
    ],
    [
      'a list of objects',
      '{"i":[{"p":"x"},{"p":"y"}]}',
      [
        ['i[0][p]', 'x'],
        ['i[1][p]', 'y'],
      ],
      [
        ['i', '{"p":"x"}'],
        ['i', '{"p":"y"}'],
      ],
    ],
    ['objects in objects', '{"a":{"b":{"c":[true]}}}', [['a[b][c][0]', 'true']], [['a', '{"b":{"c":[true]}}']]],
    [
      'lists in lists',
      '{"a":[[1,2]]}',
      [
        ['a[0][0]', '1'],
        ['a[0][1]', '2'],
      ],
      [['a', '[1,2]']],
    ],
    ['null in a list', '{"a":[null]}', [['a[0]', '']], [['a', '']]],
    ['null in an object', '{"a":{"b":null}}', [['a[b]', '']], [['a', '{"b":null}']]],
    ['an empty list, which is left out', '{"a":[],"b":1}', [['b', '1']], [['b', '1']]],
    [
      'an empty object',
      '{"a":{},"b":1}',
      [['b', '1']],
      [
        ['a', '{}'],
        ['b', '1'],
      ],
    ],
    ['an empty body', '{}', [], []],
    ['white space around it', ' \n{ "a" : 1 }\t', [['a', '1']], [['a', '1']]],
  ];

  it.each(bodies)('%s', (_what, json, asNested, asFlat) => {
    expect(nested(json)).toEqual(asNested);
    expect(flat(json)).toEqual(asFlat);
  });
});

const inLists = (depth: number) => `{"a":${'['.repeat(depth)}1${']'.repeat(depth)}}`;
const inObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('a caller’s body that would not arrive as it was written is refused', () => {
  const bodies: [string, string][] = [
    ['a list', '[]'],
    ['a list of objects', '[{"a":1}]'],
    ['null', 'null'],
    ['a number', '1'],
    ['text', '"a=1"'],
    ['true', 'true'],
    ['nothing', ''],
    ['white space', ' '],
    ['a form', 'a=1'],
    ['half an object', '{"a":1'],
    ['two objects', '{"a":1}{"b":2}'],
    ['a comment', '{"a":1/*x*/}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['an integer that is not exact', '{"a":9007199254740993}'],
    ['a negative integer that is not exact', '{"a":-9007199254740993}'],
    ['a huge integer deep inside', '{"a":[{"b":123456789012345678901234567890}]}'],
    ['a number that is infinite to a program', '{"a":1e400}'],
    ['lists nested too deep', inLists(20)],
    ['objects nested too deep', inObjects(21)],
    ['lists nested absurdly deep', inLists(100_000)],
    ['half a character', '{"a":"x\\ud83d"}'],
    ['half a character in a name', '{"a\\udc00":"x"}'],
    ['half a character deep inside', '{"a":[{"b":"\\ud800"}]}'],
  ];

  it.each(bodies)('%s', (_what, json) => {
    for (const act of [nested, flat]) {
      const refusal = refusalOf(() => act(json));
      expect([refusal.code, refusal.status]).toEqual(['INVALID_PAYLOAD', 400]);
    }
  });

  it('but nesting as deep as parameters may be passes', () => {
    expect(nested(inLists(19))).toEqual([[`a${'[0]'.repeat(19)}`, '1']]);
    expect(flat(inObjects(20))).toHaveLength(1);
  });

  it('without a word of the body in the answer', () => {
    const refusal = refusalOf(() => nested('{"card":canary'));
    expect([refusal.message, refusal.extensions]).toEqual([
      'Invalid payload. The body is not valid JSON.',
      { reason: 'The body is not valid JSON' },
    ]);
  });
});
