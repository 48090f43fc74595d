import { describe, expect, it } from '@jest/globals';
import { agrees } from './agrees.ts';
import { blocksOf } from './read-page.ts';

describe('an answer is taken for the one that a page shows', () => {
  it.each([
    ['ok  directus', 'ok  directus\n', true],
    ['ok  …', 'ok  answers at http://127.0.0.1', true],
    ['ok  …', 'ok\nfault', false],
    ['…\nlast', 'one\ntwo\nlast', true],
    ['first\n…', 'first', true],
    ['…\nlast', 'one\nlast\nmore', false],
    ['a.c', 'abc', false],
  ])('text: %j for %j is %s', (text, answer, expected) => {
    expect(agrees({ language: 'text', text }, answer)).toBe(expected);
  });

  it.each([
    ['{"a":1}', '{"a":1}', true],
    ['{"a":1}', '{"a":1,"b":2}', false],
    ['{"a":1,"…":"…"}', '{"a":1,"b":2}', true],
    ['{"a":1,"…":"…"}', '{"b":2}', false],
    ['{"a":"…"}', '{"a":[1]}', true],
    ['{"id":"cus_…"}', '{"id":"cus_1"}', true],
    ['{"id":"cus_…"}', '{"id":"pi_1"}', false],
    ['{"id":"cus_…"}', '{"id":7}', false],
    ['[1]', '[1,2]', false],
    ['[1,"…"]', '[1,2]', true],
    ['[1,"…"]', '[]', false],
    ['{"a":null}', '{"a":{}}', false],
    ['{}', 'no JSON', false],
  ])('JSON: %s for %s is %s', (text, answer, expected) => {
    expect(agrees({ language: 'json', text }, answer)).toBe(expected);
  });
});

it('a comment above a block that nobody understands is an error, and no block is passed over', () => {
  const page = '<!-- not rnu: a slip of the pen -->\n\n```sh\ntrue\n```\n';

  expect(() => blocksOf(page, 'page.md')).toThrow('page.md:4');
});
