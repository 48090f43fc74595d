import { describe, expect, it } from '@jest/globals';
import { bareNumbers } from '../../../src/config/bare-numbers.ts';
import { variables } from '../../../src/config/variables.ts';

const found = (environment: Record<string, string>) => bareNumbers(environment).map(({ name }) => name);

describe('an administrator who leaves the unit out', () => {
  it.each([
    ['PERMISSIONS_TTL', '30', 'milliseconds', 30],
    ['SERVER_SHUTDOWN_TIMEOUT', '8', 'milliseconds', 8],
    ['MAX_PAYLOAD_SIZE', '999', 'bytes', 999],
  ] as const)('is told what %s=%s counts as', (name, text, countsAs, quantity) => {
    expect(bareNumbers({ [name]: text })).toMatchObject([{ name, countsAs }]);
    expect(variables[name].parse(text)).toBe(quantity);
  });

  it.each([
    ['nothing is remembered', { PERMISSIONS_TTL: '0' }],
    ['it has a unit', { PERMISSIONS_TTL: '30ms', MAX_PAYLOAD_SIZE: '10b' }],
    ['it may well be meant, as in Directus', { SERVER_SHUTDOWN_TIMEOUT: '1000', MAX_PAYLOAD_SIZE: '100000' }],
    ['it is empty', { PERMISSIONS_TTL: '' }],
    ['it is a number of something else', { PORT: '80', RATE_LIMITER_DURATION: '1', WORKERS: '2' }],
  ])('is not told where %s', (_what, environment) => expect(found(environment)).toEqual([]));
});
