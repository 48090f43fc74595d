import { describe, expect, it } from '@jest/globals';
import { isNamedBy } from './is-named-by.ts';

describe('a rule allows what holds a secret only if it names it', () => {
  const rows: [string, string, string, boolean][] = [
    ['written the same', '/v1/ephemeral_keys', '/v1/ephemeral_keys', true],
    ['with another name for what varies', '/v1/charges/:charge/capture', '/v1/charges/:id/capture', true],
    ['with one value of what varies', '/v1/charges/search', '/v1/charges/:id', true],
    ['with an extension or without', '/v1/Keys', '/v1/Keys.*', true],
    ['but not with a star', '/v1/*', '/v1/ephemeral_keys', false],
    ['nor with a star in the last place of what varies', '/v1/charges/*', '/v1/charges/:id', false],
    ['nor with a name for what does not vary', '/v1/:resource', '/v1/ephemeral_keys', false],
    ['nor with a name for the last of several', '/v1/charges/:id/:action', '/v1/charges/:id/capture', false],
    ['nor another resource', '/v1/charges', '/v1/ephemeral_keys', false],
    ['nor something above it', '/v1/charges/:id', '/v1/charges/:id/capture', false],
    ['nor something below it', '/v1/charges/:id/capture', '/v1/charges/:id', false],
  ];

  it.each(rows)('%s', (_what, rule, resource, named) => {
    expect(isNamedBy(rule, resource)).toBe(named);
  });
});
