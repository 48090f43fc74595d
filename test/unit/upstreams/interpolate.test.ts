import { describe, expect, it } from '@jest/globals';
import { InterpolationError, interpolate, isVariable } from '../../../src/upstreams/interpolate.ts';

const values = new Map([
  ['KEY', 'canary'],
  ['_a1', 'low'],
  ['DOLLAR', '${KEY} $$'],
]);
const filledIn = (text: string): string => interpolate(text, (name) => values.get(name));

describe('an administrator’s text is filled in', () => {
  const texts: [string, string, string][] = [
    ['a text without variables', 'https://api.example/{id}', 'https://api.example/{id}'],
    ['nothing', '', ''],
    ['a variable', '${KEY}', 'canary'],
    ['one amid text, and others', 'a${KEY}b${_a1}', 'acanaryblow'],
    ['a substitute that is not needed', '${KEY:-other}', 'canary'],
    ['a substitute', '${NONE:-other}', 'other'],
    ['an empty substitute', '[${NONE:-}]', '[]'],
    ['a variable as the substitute', '${NONE:-${KEY}}', 'canary'],
    ['substitutes all the way', '${NONE:-${NADA:-a${_a1}b}c}d', 'alowbcd'],
    ['a substitute with a colon and a dash', '${NONE:-http://x:1/a-b:-c}', 'http://x:1/a-b:-c'],
    ['a substitute of several lines', '${NONE:-a\nb}', 'a\nb'],
    ['a dollar sign', 'a$$b', 'a$b'],
    ['two of them', '$$$$', '$$'],
    ['one before braces, which are no variable', '$${KEY}', '${KEY}'],
    ['one before a variable', '$$${KEY}', '$canary'],
    ['one in a substitute', '${NONE:-$${KEY}}', '${KEY}'],
    ['a brace after a variable', '${KEY}}', 'canary}'],
    ['a value that looks like a variable, which it is not', '${DOLLAR}', '${KEY} $$'],
  ];
  it.each(texts)('%s: %s', (_what, text, expected) => {
    expect(filledIn(text)).toBe(expected);
  });
});

describe('an administrator is told of a text that cannot be filled in, and never a value', () => {
  const unset: [string, string][] = [
    ['${NONE}', 'NONE'],
    ['${KEY}${NONE}', 'NONE'],
    ['${NONE:-${NADA}}', 'NADA'],
  ];
  it.each(unset)('%s needs a variable that is not set', (text, name) => {
    expect(() => filledIn(text)).toThrow(new InterpolationError(`needs ${name}, which is not set`));
  });

  it('but a substitute that is not needed may want what is not set', () => {
    expect(filledIn('${KEY:-${NONE}}')).toBe('canary');
  });

  const malformed = ['$', 'a$', '$KEY', '${', '${}', '${KEY', '${KEY:-x', '${1}', '${KE Y}', '${KEY-x}', '${KEY:x}'];
  const nested = ['${NONE:-${KEY}', '${KEY:-${KEY}', '${KEY:-${', '${NONE:-$KEY}', '${KEY}$', '$${KEY}$x', '$ {KEY}'];
  it.each([...malformed, ...nested])('%s is malformed', (text) => {
    const problem = 'holds a "$" that begins no ${NAME}; write "$$" for the sign';
    expect(() => filledIn(text)).toThrow(new InterpolationError(problem));
  });
});

describe('a text is made of nothing but variables', () => {
  it.each(['${KEY}', '${_a1}', '${KEY:-}', '${A:-${B}}', '${A:-${B:-${C:-}}}', '${A}${B}'])('%s', (text) => {
    expect(isVariable(text)).toBe(true);
  });

  const literal = [
    ...['', 'secret', 'Bearer ${KEY}', ' ${KEY}', '${KEY} ', '${KEY}x', 'x${KEY}', '${KEY:-secret}', '${KEY:-:-}'],
    ...['${A:-${B:-secret}}', '${A:-x${B}}', '${A:-${B}x}', '$${KEY}', '$$', '${KEY}$$', '${KEY}$${B}', '${KEY:-$$}'],
    ...['${KEY-x}', '${KEY:x}', '{KEY}', '$KEY', '${}', '${secret value}', '${KEY}\n'],
  ];
  it.each(literal)('%j is not', (text) => {
    expect(isVariable(text)).toBe(false);
  });
});
