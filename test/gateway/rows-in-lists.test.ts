import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json, refuse } from '../world/answers.ts';
import { dial, head } from '../world/dial.ts';
import type { Answer } from '../world/recording-upstream.ts';
import { type Item, stripeError, stripeList } from '../world/stripe-list.ts';
import { as, useWorld } from '../world/use-world.ts';

const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const caller = supertest(world.gateway.url);
const partial = { access: 'partial', fields: ['*'] };
let count = 0;

/** A user who reads the rows of these customers. */
function reads(ids: readonly (string | null)[], fields = ['*'], hidden: readonly string[] = []): string {
  count += 1;
  const rows = [
    ...ids.map((stripe_id, index) => ({ id: index, values: { stripe_id } })),
    ...hidden.map((stripe_id, index) => ({ id: 1_000 + index, values: { stripe_id }, hidden: true })),
  ];
  const token = `canaryTokenLists${count}`;
  const permissions = { customers: { read: { ...partial, fields } } };
  world.directus.users.set(token, { id: `user-${count}`, permissions, rows });
  return token;
}

const customerIds = Array.from({ length: 250 }, (_, index) => `cus_${index}`);
/** Newest first, as Stripe lists: the customers take turns. */
const payments: (Item & { customer: string | null; created: number })[] = Array.from({ length: 400 }, (_, index) => ({
  id: `pi_${index}`,
  object: 'payment_intent',
  customer: index % 9 === 8 ? null : `cus_${index % 20}`,
  created: 10_000 - index,
}));
const customers = customerIds.map((id, index) => ({ id, object: 'customer', created: 10_000 - index }));
const paidBy = (...ids: string[]) => payments.filter(({ customer }) => customer !== null && ids.includes(customer));

/** Stripe with these customers and payments. */
const stripe: Answer = (request, response, body) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://stripe.test');
  const customer = searchParams.get('customer');
  if (pathname === '/v1/payment_intents')
    return stripeList(customer === null ? payments : paidBy(customer))(request, response, body);
  if (pathname === '/v1/customers') return stripeList(customers)(request, response, body);
  const found = customers.find(({ id }) => pathname === `/v1/customers/${id}`);
  if (found === undefined)
    return stripeError(response, 404, { type: 'invalid_request_error', code: 'resource_missing' });
  return json(response, 200, found.id === 'cus_9' ? { id: 'cus_9', object: 'customer', deleted: true } : found);
};
beforeEach(() => world.stripe.answerWith(stripe));
const idsIn = (body: readonly Item[]) => body.map(({ id }) => id);

describe('a caller under an item rule with a few rows', () => {
  it('sees exactly their customers’ payments, newest first, by one list of Stripe’s for each', async () => {
    const answer = await caller
      .get('/stripe/payments')
      .set(as(reads(['cus_1', null, 'cus_3', 'cus_1', ''], ['*'], ['cus_2'])));

    expect([answer.status, idsIn(answer.body)]).toEqual([200, idsIn(paidBy('cus_1', 'cus_3'))]);
    expect(world.stripe.seen.map(({ target }) => target).sort()).toEqual([
      '/v1/payment_intents?limit=100&customer=cus_1',
      '/v1/payment_intents?limit=100&customer=cus_3',
    ]);
    expect(world.directus.itemCalls.map(({ method, path }) => [method, path])).toEqual([
      ['SEARCH', '/items/customers'],
    ]);
  });

  it('sees exactly their customers, newest first, without those that Stripe has no more', async () => {
    const answer = await caller.get('/stripe/customers').set(as(reads(['cus_7', 'cus_gone', 'cus_2', 'cus_9'])));

    expect([answer.status, idsIn(answer.body)]).toEqual([200, ['cus_2', 'cus_7']]);
    expect(world.stripe.seen).toHaveLength(4);
  });

  it.each(['/stripe/payments', '/stripe/customers'])(
    'but none sees an empty %s, and Stripe is not asked',
    async (path) => {
      const answer = await caller.get(path).set(as(reads([null], ['*'], ['cus_1'])));

      expect([answer.status, answer.text]).toEqual([200, '[]']);
      expect(world.stripe.wire.received()).toBe('');
    },
  );

  it('sees one customer’s payments by name, if the customer is theirs', async () => {
    const token = reads(['cus_3']);
    const own = await caller.get('/stripe/payments/cus_3').set(as(token));
    const other = await caller.get('/stripe/payments/cus_4').set(as(token));

    expect([own.status, idsIn(own.body), other.status]).toEqual([200, idsIn(paidBy('cus_3')), 403]);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('sees of each item what the permission lists', async () => {
    const answer = await caller.get('/stripe/payments').set(as(reads(['cus_3'], ['stripe_id', 'created'])));

    expect(answer.body[0]).toEqual({ id: 'pi_3', object: 'payment_intent', created: 9_997 });
  });

  it('who may not see the field that holds the id is refused, and Stripe is not asked', async () => {
    const answer = await caller.get('/stripe/payments').set(as(reads(['cus_3'], ['created'])));

    expect(answer.status).toBe(403);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('gets Stripe’s error instead of a list that lacks a customer’s payments', async () => {
    world.stripe.answerWith((request, response, body) =>
      request.url?.includes('cus_3')
        ? stripeError(response, 400, { type: 'invalid_request_error' })
        : stripe(request, response, body),
    );
    const answer = await caller.get('/stripe/payments').set(as(reads(['cus_1', 'cus_3'])));

    expect([answer.status, answer.body]).toEqual([400, { error: { type: 'invalid_request_error' } }]);
  });
});

describe('a caller under an item rule with many rows', () => {
  const many = customerIds.filter((_, index) => index % 2 === 0);

  it.each([
    ['/stripe/payments', 4, payments.filter(({ customer }) => many.includes(customer ?? ''))],
    ['/stripe/customers', 3, customers.filter(({ id }) => many.includes(id))],
  ])('sees exactly their part of %s, for %i pages and one question to Directus each', async (path, pages, expected) => {
    const answer = await caller.get(path).set(as(reads(many, ['*'], ['cus_1', 'cus_3'])));

    expect([answer.status, idsIn(answer.body)]).toEqual([200, idsIn(expected)]);
    expect(world.stripe.seen).toHaveLength(pages);
    expect(world.directus.itemCalls).toHaveLength(1 + pages);
  });

  it('sees the first page’s part before the second is there', async () => {
    const second = Promise.withResolvers<boolean>();
    world.stripe.answerWith(stripeList(payments, (page) => (page === 1 ? true : second.promise)));
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', `Authorization: Bearer ${reads(many)}`, 'Connection: close'));
    const early = await call.until(/"pi_94"/);
    expect(early).not.toMatch(/"pi_(93|1\d\d)"/);
    second.resolve(true);

    expect(await call.closed).toMatch(/"pi_398"[^\]]*\}\r\n1\r\n\]\r\n0\r\n\r\n$/);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['Directus can no longer say', (response) => response.writeHead(500).end()],
    ['their token ends meanwhile', (response) => refuse(response, 401, 'TOKEN_EXPIRED', 'Token expired.')],
  ])('is not shown a list that ends early when %s, and Stripe is asked for no further page', async (_what, answer) => {
    const token = reads(many);
    world.stripe.answerWith(
      stripeList(payments, (page) => {
        if (page === 2) world.directus.answerWith((_request, response) => answer(response));
        return true;
      }),
    );
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', `Authorization: Bearer ${token}`, 'Connection: close'));

    const received = await call.closed;
    expect(received).toContain('"pi_0"');
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(world.stripe.seen).toHaveLength(2);
  });
});
