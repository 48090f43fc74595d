import { createDirectus, customEndpoint, isDirectusError, rest, staticToken } from '@directus/sdk';
import { describe, expect, it } from '@jest/globals';
import { json } from '../world/answers.ts';
import { accountSid, tokens, type World } from '../world/world.ts';
import { onceForEachKey } from './once-for-each-key.ts';
import { type Access, answersOf, refusals } from './refusals.ts';
import { thrownBy } from './thrown-by.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const client = ({ url, token }: Access) => createDirectus(url).with(staticToken(token)).with(rest());
const of = ({ gateway }: World, token: string = tokens.admin): Access => ({ url: gateway.url, token });
const directus = client(of(world));

/** A command of its own each time: the client writes its token into the one that it is handed. */
const createCustomer = (more: Record<string, string> = {}) =>
  customEndpoint<{ id: string; email: string }>({
    path: '/stripe/v1/customers',
    method: 'POST',
    headers: { ...more },
    body: JSON.stringify({ email: 'ada@example.com', metadata: { color: 'red' } }),
  });

describe('a program with Directus’ own client', () => {
  it('creates, changes, reads and deletes a customer, with plain JSON', async () => {
    const { id } = await directus.request(createCustomer());
    const path = `/stripe/v1/customers/${id}`;
    await directus.request(customEndpoint({ path, method: 'POST', body: JSON.stringify({ name: 'Ada' }) }));
    expect(await directus.request(customEndpoint({ path, method: 'GET' }))).toMatchObject({
      id,
      name: 'Ada',
      metadata: { color: 'red' },
    });
    expect(await directus.request(customEndpoint({ path, method: 'DELETE' }))).toMatchObject({ id, deleted: true });
    expect(world.stripe.seen.map(({ body }) => body)).toEqual([
      'email=ada%40example.com&metadata%5Bcolor%5D=red',
      'name=Ada',
      '',
      '',
    ]);
  });

  it('sends a message, with plain JSON', async () => {
    const message = await directus.request(
      customEndpoint<{ sid: string }>({
        path: `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`,
        method: 'POST',

        body: JSON.stringify({ To: '+15005550006', Body: 'Hello' }),
      }),
    );
    expect(message.sid).toMatch(/^SM/);
  });

  it('reads every customer of all pages by one call to the gateway’s own route', async () => {
    const made: string[] = [];
    for (let order = 0; order < 101; order++) made.push((await directus.request(createCustomer())).id);

    const all = await directus.request(customEndpoint<{ id: string }[]>({ path: '/stripe/customers', method: 'GET' }));
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(made));
    expect(world.stripe.seen.filter(({ method }) => method === 'GET')).toHaveLength(2);
  });

  it('gets the items of a page of Stripe’s and not what stands beside them, because it takes “data” out', async () => {
    for (let order = 0; order < 3; order++) await directus.request(createCustomer());
    const read = (after: readonly { id: string }[]) =>
      directus.request(
        customEndpoint<{ id: string }[]>({
          path: '/stripe/v1/customers',
          method: 'GET',
          params: { limit: 2, ...(after.length > 0 && { starting_after: after.at(-1)?.id }) },
        }),
      );

    const first = await read([]);
    const second = await read(first);
    expect([Array.isArray(first), first.length]).toEqual([true, 2]);
    expect(first).not.toHaveProperty('has_more');
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(first.length + second.length);
  });

  it('repeats a creation with its idempotency key, and another caller does not get it', async () => {
    const once = onceForEachKey('idempotency-key', (number) => ({ id: `cus_${number}` }));
    world.stripe.answerWith(once.answer);
    const create = async (token: string) =>
      (await client(of(world, token)).request(createCustomer({ 'Idempotency-Key': 'order-1' }))).id;

    expect([await create(tokens.admin), await create(tokens.admin), await create(tokens.creator)]).toEqual([
      'cus_1',
      'cus_1',
      'cus_2',
    ]);
  });
});

describe.each(refusals)('what Directus’ own client throws when the gateway says $status $code', (refusal) => {
  it('is Directus’ own form of error', async () => {
    const error = await thrownBy(client(refusal.arrange(world)).request(createCustomer()));

    expect(isDirectusError(error)).toBe(true);
    expect(error).toMatchObject({
      message: refusal.message,
      errors: [{ message: refusal.message, extensions: { code: refusal.code } }],
      response: { status: refusal.status },
    });
    expect(answersOf(world)).toBe(1);
  });
});

describe('Directus’ own client', () => {
  it.each([
    [404, { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such customer' } }],
    [429, { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Slow down.' } }],
  ])('throws Stripe’s own %i, whole', async (status, body) => {
    world.stripe.answerWith((_request, response) => json(response, status, body));
    const error = await thrownBy(directus.request(createCustomer()));

    expect(error).toMatchObject({ errors: body, response: { status } });
    expect(world.stripe.seen).toHaveLength(1);
  });
});
