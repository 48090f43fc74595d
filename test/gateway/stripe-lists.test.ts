import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head } from '../world/dial.ts';
import { items, stripeList } from '../world/stripe-list.ts';
import { as, useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const bearer = `Authorization: Bearer ${tokens.reader}`;
const targets = () => world.stripe.seen.map(({ target }) => target);
const get = (path: string) => caller.get(path).set(as(tokens.reader));

describe('a reader gets every page as one JSON array', () => {
  const lists: [string, string][] = [
    ['/stripe/payments', '/v1/payment_intents?'],
    ['/stripe/customers', '/v1/customers?'],
    ['/stripe/payments/cus_1', '/v1/payment_intents?customer=cus_1&'],
  ];

  it.each(lists)('%s', async (path, target) => {
    world.stripe.answerWith(stripeList(items(250)));
    const answer = await get(path);

    expect([answer.status, answer.body]).toEqual([200, items(250)]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-store',
    });
    const pages = ['', '&starting_after=pi_99', '&starting_after=pi_199'];
    const asked = targets().map((asked) => [...new URL(asked, 'http://a').searchParams].sort().join('&'));
    const expected = pages.map((page) =>
      [...new URL(`${target}limit=100${page}`, 'http://a').searchParams].sort().join('&'),
    );
    expect(asked).toEqual(expected);
    expect(new Set(world.stripe.seen.map(({ headers }) => headers.authorization))).toEqual(
      new Set([`Bearer ${secrets.stripeKey}`]),
    );
  });

  it.each([
    [0, 1],
    [1, 1],
    [100, 1],
    [101, 2],
    [200, 2],
  ])('of %i payments in %i pages', async (count, pages) => {
    world.stripe.answerWith(stripeList(items(count)));
    const answer = await get('/stripe/payments');

    expect([answer.text, world.stripe.seen.length]).toEqual([JSON.stringify(items(count)), pages]);
  });

  it('with a token in the query, which goes no further', async () => {
    world.stripe.answerWith(stripeList(items(1)));

    expect((await caller.get(`/stripe/payments?access_token=${tokens.reader}`)).body).toEqual(items(1));
    expect(targets()).toEqual(['/v1/payment_intents?limit=100']);
  });

  it('and a customer’s id goes to Stripe as one value, whatever it holds', async () => {
    world.stripe.answerWith(stripeList([]));
    await get('/stripe/payments/a&limit=1&customer=b%20c');

    expect(new URL(targets()[0] ?? '', 'http://a').searchParams.getAll('customer')).toEqual(['a&limit=1&customer=b c']);
  });
});

describe('a list streams', () => {
  it('the first page before the second is there', async () => {
    const second = Promise.withResolvers<boolean>();
    world.stripe.answerWith(stripeList(items(150), (page) => (page === 1 ? true : second.promise)));
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', bearer, 'Connection: close'));
    const early = await call.until(/"pi_99"/);
    expect(early).not.toContain('"pi_100"');
    second.resolve(true);

    expect(await call.closed).toMatch(/"pi_149","object":"payment_intent"\}\r\n1\r\n\]\r\n0\r\n\r\n$/);
  });

  it('and asks for no further page when the caller has left', async () => {
    const left = Promise.withResolvers<boolean>();
    world.stripe.answerWith(stripeList(items(1_000), (page) => (page < 3 ? true : left.promise)));
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', bearer, 'X-Request-Id: leaves-the-list'));
    await world.stripe.arrived(3);
    call.socket.destroy();
    await world.gateway.logged(({ requestId, cutOff }) => requestId === 'leaves-the-list' && cutOff === true);
    left.resolve(true);
    await get('/stripe/v1/customers'); // a whole request later

    expect(targets().filter((target) => target.startsWith('/v1/payment_intents'))).toHaveLength(3);
    expect(world.gateway.logs().includes('INTERNAL_SERVER_ERROR')).toBe(false);
  });

  it('nor when the caller has left before the first', async () => {
    const left = Promise.withResolvers<boolean>();
    world.stripe.answerWith(stripeList(items(1_000), () => left.promise));
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', bearer, 'X-Request-Id: leaves-at-once'));
    await world.stripe.arrived(1);
    call.socket.destroy();
    await world.gateway.logged(({ requestId, cutOff }) => requestId === 'leaves-at-once' && cutOff === true);
    left.resolve(true);
    await get('/stripe/v1/customers');

    expect(targets().filter((target) => target.startsWith('/v1/payment_intents'))).toHaveLength(1);
    expect(world.gateway.logs().includes('INTERNAL_SERVER_ERROR')).toBe(false);
  });

  it('no faster than the caller reads', async () => {
    const large = items(20_000).map((item) => ({ ...item, filler: 'x'.repeat(5_000) }));
    const stalled = Promise.withResolvers<void>();
    let quiet: NodeJS.Timeout | undefined;
    world.stripe.answerWith(
      stripeList(large, () => {
        clearTimeout(quiet);
        quiet = setTimeout(stalled.resolve, 300); // nobody has asked for another page for a while
        return true;
      }),
    );
    const call = dial(world.gateway.port);
    call.socket.pause();
    call.send(head('GET /stripe/payments HTTP/1.1', bearer, 'X-Request-Id: reads-slowly'));
    await stalled.promise;
    call.socket.destroy();
    await world.gateway.logged(({ requestId, cutOff }) => requestId === 'reads-slowly' && cutOff === true);
    await get('/stripe/v1/customers'); // a page that was still asked for has come by then

    expect(world.stripe.seen.length).toBeLessThan(100);
  });
});

describe('what a list does not know, it refuses with 400, and Stripe sees nothing', () => {
  it.each([['?limit=3'], ['?starting_after=pi_1'], ['?customer=cus_1'], ['?expand[]=data.customer'], ['?&']])(
    '%s',
    async (query) => {
      const answer = await get(`/stripe/payments${query}`);

      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
      expect(world.stripe.wire.received()).toBe('');
    },
  );
});

it('HEAD of a list asks for one page and has no body', async () => {
  world.stripe.answerWith(stripeList(items(150)));
  const answer = await caller.head('/stripe/payments').set(as(tokens.reader));

  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(targets()).toEqual(['/v1/payment_intents?limit=100']);
});
