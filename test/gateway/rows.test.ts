import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const caller = supertest(world.gateway.url);
const v1 = '/stripe/v1';

const partial = { access: 'partial', fields: ['*'] };
const permissions = { customers: { create: partial, read: partial, update: partial, delete: partial } };
const rows = [
  { id: 1, values: { stripe_id: 'cus_own' }, update: true, delete: true },
  { id: 2, values: { stripe_id: 'cus_second' } },
  { id: 3, values: { stripe_id: 'cus_hidden' }, hidden: true, update: true, delete: true },
  { id: 4, values: { stripe_id: 'cus_Case' }, update: true, delete: true },
  { id: 5, values: { stripe_id: 'cus_shared' }, update: true, delete: true },
  { id: 6, values: { stripe_id: 'cus_shared' } },
];
const token = 'canaryTokenRows';
world.directus.users.set(token, { id: 'user-rows', permissions, rows });
type Verb = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
const call = (verb: Verb, path: string, body = '') => {
  const request = caller[verb](path).set(as(token));
  return body === '' ? request : request.type('form').send(body);
};
const sentOn = () => world.stripe.seen.map(({ method, target }) => `${method} ${target}`);

describe('under an item rule a caller is let through to what their own rows in Directus name', () => {
  it.each<[Verb, string, string, string]>([
    ['get', `${v1}/customers/cus_own`, '', 'one’s own'],
    ['head', `${v1}/customers/cus_own`, '', 'one’s own'],
    ['get', `${v1}/customers/cus_second`, '', 'readable, though not changeable'],
    ['get', `${v1}/customers/cus_own/sources?limit=1`, '', 'what is below it'],
    ['get', `${v1}/customers/cus_own?customer=cus_second`, '', 'both are readable'],
    ['get', `${v1}/payment_intents?customer=cus_own&limit=3`, '', 'the query names it'],
    ['post', `${v1}/payment_intents`, 'amount=1&customer=cus_own', 'the body names it'],
    ['patch', `${v1}/customers/cus_own`, 'name=a', 'changeable'],
    ['delete', `${v1}/customers/cus_own`, '', 'deletable'],
  ])('%s %s %s: %s', async (verb, path, body) => {
    expect((await call(verb, path, body)).status).toBe(200);
    expect(sentOn()).toEqual([`${verb.toUpperCase()} ${path.slice('/stripe'.length)}`]);
    expect(new Set(world.directus.itemCalls.map((asked) => asked.token))).toEqual(new Set([token]));
  });

  it('which is looked up anew for each request, by SEARCH and for the very value', async () => {
    await call('get', `${v1}/customers/cus_own`);
    await call('get', `${v1}/customers/cus_own`);
    const query = { fields: ['stripe_id'], filter: { stripe_id: { _in: ['cus_own'] } }, limit: -1 };
    const question = { method: 'SEARCH', path: '/items/customers', token, body: { query } };

    expect(world.directus.itemCalls).toEqual([question, question]);
  });

  it('and no longer when the row has become another’s', async () => {
    expect((await call('get', `${v1}/customers/cus_own`)).status).toBe(200);
    world.directus.users.set(token, { id: 'user-rows', permissions, rows: rows.slice(1) });
    const answer = await call('get', `${v1}/customers/cus_own`);
    world.directus.users.set(token, { id: 'user-rows', permissions, rows });

    expect(answer.status).toBe(403);
    expect(sentOn()).toHaveLength(1);
  });
});

describe('a caller is refused with 403, and the upstream sees nothing', () => {
  const refused: [Verb, string, string, string, string][] = [
    ['get', `${v1}/customers/cus_other`, '', 'another’s', 'row_not_readable'],
    ['head', `${v1}/customers/cus_other`, '', 'another’s', 'row_not_readable'],
    ['get', '/stripe/payments/cus_other', '', 'another’s', 'row_not_readable'],
    ['get', `${v1}/customers/cus_other/sources`, '', 'what is below another’s', 'row_not_readable'],
    ['get', `${v1}/customers/cus_hidden`, '', 'found, but the value is hidden', 'row_not_readable'],
    ['get', `${v1}/customers/cus_case`, '', 'found in another case of letters', 'row_not_readable'],
    ['get', `${v1}/payment_intents?customer=cus_other`, '', 'the query names another’s', 'row_not_readable'],
    ['get', `${v1}/customers/cus_own?customer=cus_other`, '', 'the query names another’s', 'row_not_readable'],
    ['get', `${v1}/customers/cus_own?customer[]=cus_other`, '', 'the query names another’s', 'row_not_readable'],
    ['get', `${v1}/customers/cus_own?%63ustomer=cus_other`, '', 'the query names another’s', 'row_not_readable'],
    ['get', `${v1}/payment_intents?customer[]=cus_own&customer[]=cus_other`, '', 'one of two', 'row_not_readable'],
    ['post', `${v1}/payment_intents`, 'customer=cus_other', 'the body names another’s', 'row_not_readable'],
    ['patch', `${v1}/customers/cus_second`, 'name=a', 'readable, not changeable', 'row_not_changeable'],
    ['delete', `${v1}/customers/cus_second`, '', 'readable, not deletable', 'row_not_changeable'],
    ['delete', `${v1}/customers/cus_shared`, '', 'one of its rows is not deletable', 'row_not_changeable'],
    ['delete', `${v1}/customers/cus_hidden`, '', 'changeable, but the value is hidden', 'row_not_readable'],
  ];
  it.each(refused)('%s %s %s: %s', async (verb, path, body, _why, reason) => {
    const answer = await call(verb, path, body);

    expect(answer.status).toBe(403);
    expect(world.stripe.wire.received()).toBe('');
    expect(world.directus.itemCalls.length).toBeGreaterThan(0);
    const line = await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ code: 'FORBIDDEN', reason });
  });

  const unasked: [Verb, string, string, string, number][] = [
    ['get', `${v1}/customers/$CURRENT_USER`, '', 'Directus would fill it in', 403],
    ['get', `${v1}/customers/$NOW`, '', 'Directus would fill it in', 403],
    ['get', `${v1}/customers/cus_own%2Ccus_other`, '', 'Directus reads commas as a list', 403],
    ['get', `${v1}/customers/cus_own,cus_other`, '', 'Directus reads commas as a list', 403],
    ['get', `${v1}/customers/cus_own%20`, '', 'a blank that a database may ignore', 403],
    ['get', `${v1}/customers/cus_%C3%B6wn`, '', 'a letter that a database may take for another', 403],
    ['get', `${v1}/customers/${'a'.repeat(256)}`, '', 'longer than any id', 403],
    ['get', `${v1}/payment_intents?customer=`, '', 'names nothing', 403],
    ['get', `${v1}/payment_intents?customer=$CURRENT_USER`, '', 'Directus would fill it in', 403],
    ['get', `${v1}/payment_intents?customer[id]=%24CURRENT_USER.x`, '', 'Directus would fill it in', 403],
    ['get', `${v1}/payment_intents`, '', 'names none', 403],
    ['get', `${v1}/payment_intents?Customer=cus_own`, '', 'names none', 403],
    ['post', `${v1}/payment_intents`, 'amount=1', 'names none', 403],
    ['post', `${v1}/payment_intents?customer=cus_own`, 'amount=1', 'names none in the body', 403],
    ['get', `${v1}/payment_intents/pi_1`, '', 'cannot be tied to a row', 403],
    ['get', `${v1}/payment_intents/search?query=x`, '', 'cannot be tied to a row', 403],
    ['get', `${v1}/customers?customer=cus_own`, '', 'the whole list', 403],
    ['get', `${v1}/customers/search?query=x`, '', 'a search is nobody’s row', 403],
    ['post', '/stripe/customers', 'email=a', 'no row yet', 403],
    ['get', `${v1}/payment_intents?customer=cus_own&customer=cus_other`, '', 'ambiguous', 400],
    ['get', `${v1}/payment_intents?customer=cus_own&customer[]=cus_other`, '', 'ambiguous', 400],
    ['get', `${v1}/payment_intents?customer=cus_own&%63ustomer=cus_own`, '', 'ambiguous', 400],
    ['get', `${v1}/payment_intents?customer=cus_own;customer=cus_other`, '', 'ambiguous', 400],
    ['post', `${v1}/payment_intents?customer=cus_other`, 'customer=cus_own', 'ambiguous', 400],
  ];
  it.each(unasked)('%s %s %s: %s, without asking Directus for it', async (verb, path, body, _why, status) => {
    expect((await call(verb, path, body)).status).toBe(status);
    expect(world.directus.itemCalls).toEqual([]);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('a caller under an item rule', () => {
  it('who may not see the field that holds the id is refused', async () => {
    const read = { access: 'partial', fields: ['id', 'email'] };
    world.directus.users.set('canaryTokenBlind', { id: 'user-blind', permissions: { customers: { read } }, rows });
    const answer = await caller.get(`${v1}/customers/cus_own`).set(as('canaryTokenBlind'));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('waits for Directus, and is refused with 503 while it cannot say', async () => {
    await call('get', `${v1}/customers/cus_own`);
    world.stripe.reset();
    world.directus.answerWith((_request, response) => response.writeHead(500).end());
    const answer = await call('get', `${v1}/customers/cus_own`);

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('is refused everywhere without STRIPE_CUSTOMER_ID_FIELD', async () => {
    const { STRIPE_CUSTOMER_ID_FIELD: _field, ...without } = world.environment;
    const gateway = await startGateway(without);
    const paths = [`${v1}/customers/cus_own`, '/stripe/payments/cus_own', '/stripe/customers', '/stripe/payments'];
    const answers = await Promise.all(paths.map((path) => supertest(gateway.url).get(path).set(as(token))));
    await gateway.stop();

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(gateway.logs().match(/"reason":"partial_access:customers.read"/g)).toHaveLength(4);
    expect(world.directus.itemCalls).toEqual([]);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('is nobody special: without one, no row is looked up', async () => {
    expect((await caller.get(`${v1}/customers/cus_any`).set(as(tokens.reader))).status).toBe(200);
    expect(world.directus.itemCalls).toEqual([]);
  });
});
