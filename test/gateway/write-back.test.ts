import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json, refuse } from '../world/answers.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';

const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const caller = supertest(world.gateway.url);
const full = { access: 'full', fields: ['*'] };
const made = { id: 'cus_new', object: 'customer', email: 'a@b.c', phone: 'hidden-from-some' };
const rows = [
  { id: 7, values: {}, update: true },
  { id: 8, values: {} },
];
let count = 0;

/** A creator with this permission to update, who may change item 7. */
function creator(update: object | undefined, create: object = full): string {
  count += 1;
  const token = `canaryTokenWriter${count}`;
  world.directus.users.set(token, { id: `user-${count}`, permissions: { customers: { create, update } }, rows });
  return token;
}
const mayWriteId = { access: 'partial', fields: ['stripe_id'] };
const post = (token: string, item: unknown, headers: Record<string, string> = {}) =>
  caller
    .post('/stripe/customers')
    .set({ ...as(token), ...headers })
    .send({ email: 'a@b.c', item });
const keys = () => world.stripe.seen.map(({ headers }) => headers['idempotency-key']);
beforeEach(() => world.stripe.answerWith((_request, response) => json(response, 200, made)));

describe('a creator who names the item that a customer is for', () => {
  it.each([[7], ['7']])(
    'gets Stripe’s object, and its id is written to the item with their own token: %j',
    async (item) => {
      const token = creator(mayWriteId);
      const answer = await post(token, item);

      expect([answer.status, answer.body]).toEqual([200, made]);
      expect(world.stripe.seen.map(({ target, body }) => [target, body])).toEqual([['/v1/customers', 'email=a%40b.c']]);
      expect(world.directus.itemCalls).toEqual([
        { method: 'GET', path: '/permissions/me/customers/7', token, body: undefined },
        { method: 'PATCH', path: '/items/customers/7', token, body: { stripe_id: 'cus_new' } },
      ]);
    },
  );

  const refused: [string, object | undefined, unknown][] = [
    ['may not update at all', undefined, 7],
    ['has an update of no access', { access: 'none' }, 7],
    ['may not update the field', { access: 'full', fields: ['email'] }, 7],
    ['may not update this item', mayWriteId, 8],
    ['may not update an item that is not there', mayWriteId, 9],
  ];
  it.each(refused)('and %s is refused before anything is created', async (_why, update, item) => {
    const answer = await post(creator(update), item);

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(world.stripe.wire.received()).toBe('');
    expect(world.directus.itemCalls.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  it.each([[''], [null], [1.5], [{ id: 7 }], [[7]], [true], ['.'], ['..']])(
    'which is no key, %j, is refused, and nothing is created',
    async (item) => {
      const answer = await post(creator(mayWriteId), item);

      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
      expect(world.stripe.wire.received()).toBe('');
      expect(world.directus.itemCalls).toEqual([]);
    },
  );

  it.each([['7/../8'], ['../users/1'], ['7?x=1'], ['7#'], ['%2e%2e']])(
    '%s reaches no other place in Directus',
    async (item) => {
      expect((await post(creator(mayWriteId), item)).status).toBeGreaterThanOrEqual(400);
      expect(world.stripe.wire.received()).toBe('');
      const place = `/permissions/me/customers/${encodeURIComponent(item)}`;
      expect(world.directus.itemCalls.filter(({ path }) => path !== place)).toEqual([]);
    },
  );

  it('is told with 400 where STRIPE_CUSTOMER_ID_FIELD is not set, and nothing is created', async () => {
    const { STRIPE_CUSTOMER_ID_FIELD: _field, ...without } = world.environment;
    const gateway = await startGateway(without);
    const answer = await supertest(gateway.url)
      .post('/stripe/customers')
      .set(as(creator(full)))
      .send({ email: 'a@b.c', item: 7 });
    await gateway.stop();

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
    expect(answer.body.errors[0].message).toContain('STRIPE_CUSTOMER_ID_FIELD');
    expect(world.stripe.wire.received()).toBe('');
  });

  it('and nothing is written when Stripe makes no customer', async () => {
    world.stripe.answerWith((_request, response) => json(response, 402, { error: { message: 'No.' } }));

    expect((await post(creator(mayWriteId), 7)).status).toBe(402);
    expect(world.directus.itemCalls.map(({ method }) => method)).toEqual(['GET']);
  });

  it('may write to the item without being able to read it: Directus then answers with no content', async () => {
    const token = creator(mayWriteId);
    world.directus.answerWith((request, response) =>
      request.method === 'PATCH' ? response.writeHead(204).end() : world.directus.answerAsDirectus(request, response),
    );

    expect((await post(token, 7)).status).toBe(200);
  });
});

describe('when the customer is made and cannot be written to the item', () => {
  const failWriting = (status: number, code: string) =>
    world.directus.answerWith((request, response) =>
      request.method === 'PATCH'
        ? refuse(response, status, code, 'canaryBodyOfDirectus')
        : world.directus.answerAsDirectus(request, response),
    );

  it.each([
    [403, 'FORBIDDEN', 'FORBIDDEN'],
    [400, 'INVALID_PAYLOAD', 'SERVICE_UNAVAILABLE'],
    [500, 'INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'],
  ])('because Directus answers %i, the error bears the customer', async (status, code, reason) => {
    failWriting(status, code);
    const answer = await post(creator(mayWriteId), 7);

    expect([answer.status, answer.body.errors[0].extensions]).toEqual([
      502,
      { code: 'WRITE_BACK_FAILED', collection: 'customers', item: '7', field: 'stripe_id', reason, customer: made },
    ]);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('as far as the caller may see it', async () => {
    failWriting(403, 'FORBIDDEN');
    const answer = await post(creator(mayWriteId, { access: 'full', fields: ['email'] }), 7);

    expect(answer.body.errors[0].extensions.customer).toEqual({ id: 'cus_new', object: 'customer', email: 'a@b.c' });
    expect(world.gateway.wire.sent()).not.toContain(made.phone);
  });

  it.each([
    ['with the same Idempotency-Key', { 'Idempotency-Key': 'order-1' }],
    ['without any', {}],
  ])(
    'a repeat %s bears Stripe the same key, so that no second customer is made, and writes the id',
    async (_what, headers) => {
      const token = creator(mayWriteId);
      failWriting(500, 'INTERNAL_SERVER_ERROR');
      const first = await post(token, 7, headers);
      world.directus.answerWith(world.directus.answerAsDirectus);
      const second = await post(token, 7, headers);

      expect([first.status, second.status]).toEqual([502, 200]);
      expect(keys()[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(keys()).size).toBe(1);
      expect(world.directus.itemCalls.at(-1)).toMatchObject({ method: 'PATCH', body: { stripe_id: 'cus_new' } });
    },
  );

  it('another caller’s request for the same item has another key', async () => {
    await post(creator(mayWriteId), 7);
    await post(creator(mayWriteId), 7);

    expect(new Set(keys()).size).toBe(2);
  });
});
