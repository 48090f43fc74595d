import { describe, expect, it } from '@jest/globals';
import { chargesOf } from '../../../src/limit/charges.ts';
import type { BudgetKey } from '../../../src/upstreams/upstream.ts';

const someone = { user: 'u', role: 'r', share: null };
const hour = 3_600_000;

const keyFor = (key: BudgetKey, accountability: Parameters<typeof chargesOf>[0]['accountability'], now = 0) => {
  const rule = { budget: { id: 'any /a', points: 3, perMs: hour, key } };
  return chargesOf({ upstream: 'a', rule, accountability, destinations: [] }, now)[0]?.key;
};

describe('a budget is shared', () => {
  const shared: [string, BudgetKey, object][] = [
    ['by a user’s own requests', 'user', { role: 'another' }],
    ['by all of a role', 'role', { user: 'another' }],
    ['by everybody', 'all', { user: 'another', role: 'another' }],
  ];
  it.each(shared)('%s', (_who, key, other) => {
    expect(keyFor(key, { ...someone, ...other })).toBe(keyFor(key, someone));
  });

  it('by all callers without a token, who would otherwise have one for each address', () => {
    const nobody = { user: null, role: null, share: null };
    expect(keyFor('user', nobody)).toBe(keyFor('user', { ...nobody }));
    expect(keyFor('user', nobody)).not.toBe(keyFor('user', { ...nobody, user: 'public' }));
  });

  const apart: [string, BudgetKey, object][] = [
    ['another user', 'user', { user: 'v' }],
    ['a share of the same id', 'user', { user: null, share: 'u' }],
    ['another role', 'role', { role: 's' }],
    ['no role', 'role', { role: null }],
  ];
  it.each(apart)('and not with %s', (_who, key, other) => {
    expect(keyFor(key, { ...someone, ...other })).not.toBe(keyFor(key, someone));
  });
});

it('a span ends with the clock, and the next has a budget of its own', () => {
  expect(keyFor('user', someone, hour - 1)).toBe(keyFor('user', someone, 0));
  expect(keyFor('user', someone, hour)).not.toBe(keyFor('user', someone, 0));
});

it('destinations are counted once each, by what cannot be read', () => {
  const count = { id: 'any /a', points: 2, perMs: hour, key: 'user' } as const;
  const rule = { destinations: { parameter: 'To', count } };
  const destinations = ['+4915111111111', '+4915111111111'];
  const [charge] = chargesOf({ upstream: 'a', rule, accountability: someone, destinations }, 0);
  expect(charge?.members).toHaveLength(1);
  expect(JSON.stringify(charge)).not.toContain('4915111111111');
});
