import { describe, expect, it } from '@jest/globals';
import { byteSize, duration } from '../../../src/config/units.ts';

describe('an administrator writes a time', () => {
  const times: [string, number][] = [
    ['0', 0],
    ['500', 500],
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['5M', 300_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['0.0004s', 0],
  ];
  it.each(times)('%s is %i ms', (text, ms) => {
    expect(duration.parse(text)).toBe(ms);
  });
});

describe('an administrator writes a size', () => {
  const sizes: [string, number][] = [
    ['0', 0],
    ['10', 10],
    ['10b', 10],
    ['512kb', 524_288],
    ['1mb', 1_048_576],
    ['1MB', 1_048_576],
    ['1.5Kb', 1_536],
    ['2gb', 2_147_483_648],
  ];
  it.each(sizes)('%s is %i bytes', (text, bytes) => {
    expect(byteSize.parse(text)).toBe(bytes);
  });
});

describe('an administrator who writes something else is told what a quantity looks like, not what was read', () => {
  const texts: [string, string][] = [
    ['nothing', ''],
    ['a unit alone', 's'],
    ['a negative one', '-1s'],
    ['a sign', '+1s'],
    ['a blank', '1 s'],
    ['a blank at the end', '1s '],
    ['a line break', '1s\n'],
    ['a comma', '1,5'],
    ['nothing before the point', '.5'],
    ['nothing after the point', '5.'],
    ['an exponent', '1e3'],
    ['another base', '0x10'],
    ['an unknown unit', '1w'],
    ['a member of every object', '1constructor'],
    ['two quantities', '5m30s'],
    ['a word', 'canary'],
    ['no number', 'Infinity'],
    ['a number that is infinite to a program', '9'.repeat(400)],
  ];

  it.each(texts)('%s', (_what, text) => {
    for (const [schema, example] of [
      [duration, '"10s" or "5m"'],
      [byteSize, '"1mb" or "512kb"'],
    ] as const) {
      const { error } = schema.safeParse(text);
      expect(error?.issues.map(({ message }) => message)).toEqual([`must be a quantity such as ${example}`]);
    }
  });

  it('a time is no size and a size is no time', () => {
    expect([duration.safeParse('1mb').success, byteSize.safeParse('1s').success]).toEqual([false, false]);
  });
});
