import { describe, expect, it } from '@jest/globals';
import { secrets, tokens } from '../world/world.ts';
import { onceForEachKey } from './once-for-each-key.ts';
import { stripeBehind } from './stripe-behind.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const stripe = stripeBehind(world.gateway.url, tokens.admin);

describe('a program with Stripe’s own client and a Directus token', () => {
  it('reads a list to its end, page after page', async () => {
    const made: string[] = [];
    for (let order = 0; order < 7; order++) {
      made.push((await stripe.paymentIntents.create({ amount: 500 + order, currency: 'eur' })).id);
    }
    const read = await stripe.paymentIntents.list({ limit: 3 }).autoPagingToArray({ limit: 100 });

    expect(read.map(({ id }) => id)).toEqual(made.toReversed());
    const pages = world.stripe.seen.filter(({ method }) => method === 'GET').map(({ target }) => target);
    expect(pages).toEqual([
      '/v1/payment_intents?limit=3',
      `/v1/payment_intents?limit=3&starting_after=${made[4]}`,
      `/v1/payment_intents?limit=3&starting_after=${made[1]}`,
    ]);
  });

  it('creates, changes, reads and deletes a customer', async () => {
    const { id } = await stripe.customers.create({ email: 'ada@example.com', metadata: { color: 'red' } });
    await stripe.customers.update(id, { name: 'Ada Lovelace' });
    expect(await stripe.customers.retrieve(id)).toMatchObject({
      object: 'customer',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      metadata: { color: 'red' },
    });
    expect(await stripe.customers.del(id)).toMatchObject({ id, deleted: true });

    expect(world.stripe.seen.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['POST', '/v1/customers', 'email=ada%40example.com&metadata[color]=red'],
      ['POST', `/v1/customers/${id}`, 'name=Ada%20Lovelace'],
      ['GET', `/v1/customers/${id}`, ''],
      ['DELETE', `/v1/customers/${id}`, ''],
    ]);
  });

  it('reaches Stripe with the gateway’s key, the client’s version, and nothing of the token', async () => {
    await stripe.customers.list();

    const [{ headers } = { headers: {} }] = world.stripe.seen;
    expect(headers).toMatchObject({
      authorization: `Bearer ${secrets.stripeKey}`,
      'stripe-version': expect.stringMatching(/^\d{4}-\d\d-\d\d\.\w+$/),
      'user-agent': expect.stringMatching(/^Stripe\/v1 NodeBindings\/23/),
    });
    expect(world.stripe.wire.received()).not.toContain(tokens.admin);
    expect(world.gateway.wire.sent()).not.toContain(secrets.stripeKey);
  });

  it('cannot choose another account of the platform', async () => {
    await stripe.customers.list({ limit: 1 }, { stripeAccount: 'acct_of_somebody_else' });

    expect(world.stripe.seen).toHaveLength(1);
    expect(world.stripe.wire.received()).not.toMatch(/acct_of_somebody_else/);
  });
});

describe('a program that repeats a creation with its idempotency key', () => {
  it('gets the same customer, and another caller with the same key gets one of their own', async () => {
    const once = onceForEachKey('idempotency-key', (number) => ({ id: `cus_${number}`, object: 'customer' }));
    world.stripe.answerWith(once.answer);
    const somebodyElse = stripeBehind(world.gateway.url, tokens.creator);
    const create = async (client: typeof stripe) =>
      (await client.customers.create({ email: 'ada@example.com' }, { idempotencyKey: 'order-1' })).id;

    expect([await create(stripe), await create(stripe), await create(somebodyElse), await create(stripe)]).toEqual([
      'cus_1',
      'cus_1',
      'cus_2',
      'cus_1',
    ]);
    const [first, again, other, later] = once.keys;
    expect([again, later]).toEqual([first, first]);
    expect(other).not.toBe(first);
    expect(world.stripe.wire.received()).not.toContain('order-1');
  });

  it('gets it as well when the client itself repeats after a lost connection', async () => {
    const once = onceForEachKey('idempotency-key', (number) => ({ id: `cus_${number}`, object: 'customer' }));
    world.stripe.answerWith((request, response, body) => {
      if (world.stripe.seen.length > 1) once.answer(request, response, body);
      else {
        once.remember(request);
        response.destroy();
      }
    });
    const { id } = await stripeBehind(world.gateway.url, tokens.admin, { maxNetworkRetries: 1 }).customers.create({
      email: 'ada@example.com',
    });

    expect(id).toBe('cus_1');
    expect(world.stripe.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([once.keys[0], once.keys[0]]);
  });
});
