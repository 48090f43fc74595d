import { describe, expect, it } from '@jest/globals';
import type { Permission } from '../../src/directus/accountability.ts';
import type { Directus } from '../../src/directus/directus.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { createExplain, type Explanation } from '../../src/explain.ts';
import type { Action } from '../../src/upstreams/upstream.ts';
import { connectedBy } from './connected.ts';
import { directusWith } from './directus-with.ts';
import { accountSid, switchedOn, twilioUpstream, upstreamOf } from './settings.ts';

const stripeUpstream = upstreamOf('stripe', undefined, { ...switchedOn, STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const upstreams = connectedBy([stripeUpstream, twilioUpstream], () =>
  Promise.reject(new Error('Nothing may be sent.')),
);
const full: Permission = { access: 'full', fields: ['*'] };
const partial: Permission = { access: 'partial', fields: ['*'] };

function explained(
  [method, path]: readonly [string, string],
  permissions: Partial<Record<Action, Permission>> = {},
  answers: Partial<Directus> = {},
  times = { askedAt: 1_000, at: 1_000 },
): Promise<Explanation> {
  const accountability = {
    user: 'user-1',
    role: 'role-1',
    share: null,
    ip: '203.0.113.7',
    permissions: new Map([['customers', permissions]]),
  };
  const caller = { asker: { token: 'canary' }, accountability, askedAt: times.askedAt };
  return createExplain({ upstreams, directus: directusWith(answers), suggest: () => undefined })({
    method,
    path,
    caller,
    at: times.at,
  });
}

const readable = { readRows: () => Promise.resolve([{ stripe_id: 'cus_1', id: 7 }]) };

describe('a caller who may is told why', () => {
  it('with every step of the way', async () => {
    const told = await explained(['GET', '/stripe/v1/customers?limit=3'], { read: full });
    expect(told).toEqual({
      method: 'GET',
      path: '/stripe/v1/customers?limit=3',
      verdict: 'allowed',
      caller: { user: 'user-1', role: 'role-1', share: null },
      directus: { remembered: false, ageMs: 0 },
      upstream: 'stripe',
      rule: { path: '/v1/customers', collection: 'customers' },
      action: 'read',
      collection: 'customers',
      permission: full,
      rows: 'all',
    });
  });

  const rows: [string, [string, string], Action, Explanation['rows']][] = [
    ['that the row was looked up', ['GET', '/stripe/payments/cus_1'], 'read', 'readable'],
    ['that every item is weighed', ['GET', '/stripe/payments'], 'read', 'each item'],
    ['that the body will name the row', ['POST', '/stripe/v1/payment_intents'], 'create', 'body'],
    ['that the query names it', ['GET', '/stripe/v1/payment_intents?customer=cus_1'], 'read', 'readable'],
  ];
  it.each(rows)('with an item rule: %s', async (_what, request, action, expected) => {
    const told = await explained(request, { [action]: partial }, readable);
    expect([told.verdict, told.rows]).toEqual(['allowed', expected]);
  });

  it('and how old Directus’ answer is', async () => {
    const told = await explained(['GET', '/stripe/customers'], { read: full }, {}, { askedAt: 400, at: 1_000 });
    expect(told.directus).toEqual({ remembered: true, ageMs: 600 });
  });

  it('which is never younger than the question', async () => {
    const told = await explained(['GET', '/stripe/customers'], { read: full }, {}, { askedAt: 1_005, at: 1_000 });
    expect(told.directus).toEqual({ remembered: false, ageMs: 0 });
  });
});

describe('a caller who may not is told the steps up to the refusal, and what to change', () => {
  type Steps = (keyof Explanation)[];
  const refusals: [string, [string, string], Partial<Record<Action, Permission>>, string, Steps][] = [
    ['METHOD_NOT_ALLOWED', ['TRACE', '/stripe/customers'], {}, 'INVALID', []],
    ['INVALID_PAYLOAD', ['GET', '/stripe/../customers'], {}, 'INVALID', []],
    ['INVALID_PAYLOAD', ['GET', '//stripe'], {}, 'INVALID', []],
    ['ROUTE_NOT_FOUND', ['GET', '/nowhere/x'], {}, 'INVALID', []],
    ['no_rule', ['GET', '/stripe/v9/anything'], { read: full }, 'FORBIDDEN', ['upstream']],
    [
      'secret:Keys',
      ['GET', `/twilio/2010-04-01/Accounts/${accountSid}/Keys.json`],
      {},
      'FORBIDDEN',
      ['upstream', 'rule'],
    ],
    [
      'no_permission:customers.read',
      ['GET', '/stripe/customers'],
      {},
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission'],
    ],
    [
      'no_permission:customers.create',
      ['POST', '/stripe/customers'],
      { read: full },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission'],
    ],
    [
      'partial_access:customers.create',
      ['POST', '/stripe/customers'],
      { create: partial },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission'],
    ],
    [
      'unlisted_field',
      ['GET', '/stripe/v1/payment_intents?customer=cus_1'],
      { read: { ...full, fields: ['amount'] } },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission'],
    ],
    [
      'no_row_named',
      ['GET', '/stripe/v1/payment_intents'],
      { read: partial },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission', 'rows'],
    ],
    [
      'row_not_readable',
      ['GET', '/stripe/payments/cus_2'],
      { read: partial },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission', 'rows'],
    ],
    [
      'odd_row_value',
      ['GET', '/stripe/payments/$CURRENT_USER'],
      { read: partial },
      'FORBIDDEN',
      ['upstream', 'rule', 'action', 'collection', 'permission', 'rows'],
    ],
  ];
  it.each(refusals)('%s: %s', async (reason, request, permissions, code, steps) => {
    const told = await explained(request, permissions, readable);
    const { verdict, method: _method, path: _path, caller: _caller, directus: _directus, refusal, ...rest } = told;
    expect([verdict, Object.keys(rest)]).toEqual(['refused', steps]);
    expect(refusal).toMatchObject(code === 'FORBIDDEN' ? { code, reason } : { code: reason });
    expect(refusal?.advice).not.toBe('See docs/errors.md.');
    if (steps.includes('permission')) expect(told.permission).toEqual(permissions[told.action ?? 'read'] ?? null);
  });

  it('and when Directus does not answer, that too', async () => {
    const down = { readRows: () => Promise.reject(new GatewayError('SERVICE_UNAVAILABLE')) };
    const told = await explained(['GET', '/stripe/payments/cus_1'], { read: partial }, down);
    expect([told.verdict, told.refusal?.code]).toEqual(['refused', 'SERVICE_UNAVAILABLE']);
  });
});

it('an explanation holds neither the caller’s token nor the upstream’s key', async () => {
  const told = await explained(['GET', '/stripe/payments/cus_1'], { read: partial }, readable);
  expect(JSON.stringify(told)).not.toMatch(/canary|sk_test/);
});

it('a fault of the gateway is no explanation', async () => {
  const broken = { readRows: () => Promise.reject(new TypeError('fault')) };
  await expect(explained(['GET', '/stripe/payments/cus_1'], { read: partial }, broken)).rejects.toThrow('fault');
});
