import { afterEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

const clock = { now: 1_800_000_000_000 };
const world = await useWorld(
  { STRIPE_CUSTOMER_ID_FIELD: 'stripe_id', PERMISSIONS_TTL: '10s' },
  { now: () => clock.now },
);
const caller = supertest(world.gateway.url);
const v1 = '/stripe/v1';
const explain = (token: string, path: string, method?: string) =>
  caller
    .get('/gateway/explain')
    .query({ path, ...(method !== undefined && { method }) })
    .set(as(token));

const limited = 'canaryTokenExplainFields';
const owner = 'canaryTokenExplainRows';
const fields = { access: 'full', fields: ['email'] };
const full = { access: 'full', fields: ['*'] };
const partial = { access: 'partial', fields: ['*'] };
world.directus.users.set(limited, { id: 'user-limited', permissions: { customers: { read: fields, create: fields } } });
world.directus.users.set(owner, {
  id: 'user-owner',
  permissions: { customers: { create: partial, read: partial, update: partial } },
  rows: [{ id: 1, values: { stripe_id: 'cus_own' } }],
});

/** Whatever is explained, nothing is done. */
afterEach(() => {
  expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');
  expect(world.gateway.wire.sent()).not.toMatch(new RegExp(Object.values(secrets).join('|')));
});

describe('a caller is told that they may, and by what', () => {
  it.each([
    [tokens.reader, 'GET', `${v1}/customers/cus_1`, 'read', '/v1/customers/:customer_id', 'all'],
    [tokens.reader, 'HEAD', `${v1}/customers`, 'read', '/v1/customers', 'all'],
    [tokens.creator, 'POST', '/stripe/customers', 'create', '/customers', 'all'],
    [tokens.admin, 'PATCH', `${v1}/customers/cus_1`, 'update', '/v1/customers/:customer_id', 'all'],
    [tokens.admin, 'DELETE', `${v1}/customers/cus_1`, 'delete', '/v1/customers/:customer_id', 'all'],
    [limited, 'GET', `${v1}/customers?email=a&limit=3`, 'read', '/v1/customers', 'all'],
    [owner, 'GET', `${v1}/customers/cus_own`, 'read', '/v1/customers/:customer_id', 'readable'],
    [owner, 'GET', '/stripe/payments', 'read', '/payments', 'each item'],
    [owner, 'POST', `${v1}/payment_intents`, 'create', '/v1/payment_intents', 'body'],
  ])('%s %s %s', async (token, method, path, action, rule, rows) => {
    const answer = await explain(token, path, method);
    const { permissions, id } = world.directus.users.get(token) ?? { permissions: {} };

    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body.data).toMatchObject({
      method,
      path,
      verdict: 'allowed',
      upstream: 'stripe',
      rule: { path: rule, collection: 'customers' },
      action,
      permission: Object(permissions.customers)[action],
      rows,
      caller: { user: id, share: null },
    });
    expect(answer.body.data).not.toHaveProperty('refusal');
  });

  it('for GET, where no method is named', async () => {
    expect((await explain(tokens.reader, '/stripe/payments')).body.data).toMatchObject({
      method: 'GET',
      action: 'read',
    });
  });
});

it.each<[string, object | undefined, string | undefined]>([
  [
    'nothing more',
    undefined,
    'With "item" it is refused: that also needs "update" on "customers", with the field "stripe_id".',
  ],
  [
    'the update of another field',
    fields,
    'With "item" it is refused: that also needs "update" on "customers", with the field "stripe_id".',
  ],
  ['the update of the id of some rows', { access: 'partial', fields: ['stripe_id'] }, undefined],
])('whoever may create customers, and %s, is told whether they may name an item', async (_what, update, note) => {
  const token = 'canaryTokenExplainCreator';
  world.directus.users.set(token, { id: 'user-noted', permissions: { customers: { create: full, update } } });
  clock.now += 10_000; // what was remembered of the token is forgotten
  const { verdict, note: told } = (await explain(token, '/stripe/customers', 'POST')).body.data;

  expect([verdict, told]).toEqual(['allowed', note]);
});

describe('a caller is told why they may not, and what to change', () => {
  it.each([
    [
      tokens.reader,
      'POST',
      '/stripe/customers',
      'FORBIDDEN',
      'no_permission:customers.create',
      /"create" on "customers"/,
    ],
    [tokens.nobody, 'GET', '/stripe/payments', 'FORBIDDEN', 'no_permission:customers.read', /"read" on "customers"/],
    [limited, 'GET', `${v1}/customers?name=a`, 'FORBIDDEN', 'unlisted_field', /add the fields/],
    [limited, 'POST', `${v1}/customers?name=a`, 'FORBIDDEN', 'unlisted_field', /add the fields/],
    [owner, 'GET', `${v1}/customers/cus_other`, 'FORBIDDEN', 'row_not_readable', /item rule/],
    [owner, 'PATCH', `${v1}/customers/cus_own`, 'FORBIDDEN', 'row_not_changeable', /change the row/],
    [owner, 'GET', `${v1}/payment_intents`, 'FORBIDDEN', 'no_row_named', /"customer"/],
    [owner, 'GET', `${v1}/payment_intents?customer=$NOW`, 'FORBIDDEN', 'odd_row_value', /plain id/],
    [owner, 'GET', `${v1}/customers`, 'FORBIDDEN', 'partial_access:customers.read', /item rule/],
    [tokens.admin, 'GET', `${v1}/nonsense`, 'FORBIDDEN', 'no_rule', /No rule/],
    [tokens.admin, 'POST', `${v1}/refunds`, 'FORBIDDEN', 'off', /gateway.yaml/],
    [tokens.admin, 'GET', `/twilio/2010-04-01/Accounts/${accountSid}/Keys.json`, 'FORBIDDEN', 'secret:Keys', /./],
    [tokens.admin, 'GET', '/nothing/here', 'ROUTE_NOT_FOUND', undefined, /upstream/],
    [tokens.admin, 'TRACE', '/stripe/payments', 'METHOD_NOT_ALLOWED', undefined, /methods/],
    [tokens.admin, 'GET', `${v1}/../v1/customers`, 'INVALID_PAYLOAD', undefined, /Correct/],
    [
      tokens.admin,
      'GET',
      'https://api.stripe.com/v1/customers',
      'ROUTE_NOT_FOUND',
      undefined,
      /GET \/stripe\/v1\/customers/,
    ],
  ])('%s %s %s: %s %s', async (token, method, path, code, reason, advice) => {
    const { status, body } = await explain(token, path, method);

    expect([status, body.data.verdict, body.data.refusal.code, body.data.refusal.reason]).toEqual([
      200,
      'refused',
      code,
      reason,
    ]);
    expect(body.data.refusal.advice).toMatch(advice);
  });

  it('exactly as the request itself is then refused', async () => {
    const path = `${v1}/customers/cus_other`;
    const told = await explain(owner, path);
    const answer = await caller.get(path).set(as(owner));
    const line = await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);

    const { code, reason, message } = told.body.data.refusal;
    expect([line.code, line.reason, answer.body.errors[0].message]).toEqual([code, reason, message]);
  });

  it('and that Directus could not be asked about a row', async () => {
    await explain(owner, '/stripe/payments');
    world.directus.answerWith((_request, response) => response.writeHead(500).end());
    const { body } = await explain(owner, `${v1}/customers/cus_own`);

    expect(body.data).toMatchObject({ verdict: 'refused', refusal: { code: 'SERVICE_UNAVAILABLE' } });
  });
});

it('a caller is told whether Directus was asked just now, or how old its answer is', async () => {
  clock.now += 10_000;
  const ask = async () => (await explain(tokens.reader, '/stripe/payments')).body.data.directus;
  const fresh = await ask();
  clock.now += 4_000;
  const remembered = await ask();
  clock.now += 6_000;
  const again = await ask();

  expect([fresh, remembered, again]).toEqual([
    { remembered: false, ageMs: 0 },
    { remembered: true, ageMs: 4_000 },
    { remembered: false, ageMs: 0 },
  ]);
  expect(world.directus.asked.filter(({ path }) => path === '/permissions/me')).toHaveLength(2);
});

describe('explain is about the caller alone', () => {
  it('who must be somebody: 401 without a token, and Directus is not asked', async () => {
    const answer = await caller.get('/gateway/explain').query({ path: '/stripe/payments' });

    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(answer.body.errors[0].extensions.code).toBe('INVALID_CREDENTIALS');
    expect(world.directus.asked).toEqual([]);
  });

  it('so a token that Directus does not know is told nothing', async () => {
    expect((await explain('canaryTokenNobodyKnows', '/stripe/payments')).status).toBe(401);
  });

  it.each(['token', 'user', 'access_token_of'])('and ?%s= of somebody else changes nothing', async (name) => {
    const query = { path: '/stripe/payments', [name]: 'user-admin' };
    const answer = await caller.get('/gateway/explain').query(query).set(as(tokens.nobody));

    expect(answer.body.data).toMatchObject({ verdict: 'refused', caller: { user: 'user-nobody' } });
  });

  it('nor does another’s token within the path', async () => {
    world.directus.users.set('somebody-elses', { id: 'user-else', permissions: { customers: { read: partial } } });
    const answer = await explain(tokens.nobody, '/stripe/payments?access_token=somebody-elses');

    expect(answer.body.data).toMatchObject({ verdict: 'refused', caller: { user: 'user-nobody' } });
    expect(world.directus.asked.map(({ token }) => token)).not.toContain('somebody-elses');
  });

  it('whose token in the query is not echoed', async () => {
    const answer = await caller.get(`/gateway/explain?access_token=${tokens.reader}&path=%2Fstripe%2Fpayments`);

    expect(answer.body.data).toMatchObject({ verdict: 'allowed', path: '/stripe/payments' });
  });

  it('and asks for a path', async () => {
    const answer = await caller.get('/gateway/explain').set(as(tokens.reader));

    expect([answer.status, answer.body.errors[0].message]).toEqual([400, 'Invalid payload. "path" is required.']);
  });
});
