import { describe, expect, it } from '@jest/globals';
import { pathAsked } from '../../../src/route/path-asked.ts';

describe('whoever asks about a route may write', () => {
  it.each([
    ['its path', '/stripe/customers?limit=1', '/stripe/customers?limit=1'],
    ['its path without the first slash', 'stripe/customers', '/stripe/customers'],
    ['its whole address', 'https://gateway.test:8056/stripe/customers?limit=1', '/stripe/customers?limit=1'],
    ['its address with a user', 'HTTP://user:canary@gateway.test/stripe', '/stripe'],
    ['the address of the gateway alone', 'https://gateway.test', '/'],
    ['and what is not plain stays so: dots', 'https://gateway.test/a/../b', '/a/../b'],
    ['and what is not plain stays so: slashes', '//gateway.test/a', '//gateway.test/a'],
    ['and what is not plain stays so: an address in a path', '/a/https://gateway.test/b', '/a/https://gateway.test/b'],
  ])('%s: %s', (_what, written, path) => expect(pathAsked(written)).toBe(path));
});
