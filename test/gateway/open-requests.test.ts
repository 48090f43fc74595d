import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import supertest from 'supertest';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { poll } from '../world/poll.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const path = '/stripe/v1/customers';
const config = 'upstreams: { stripe: { limits: { open: 5, openPerCaller: 3 } } }';
const limitStore = await createLimitStore({
  variables: { REDIS: undefined },
  logger: pino({ level: 'silent' }),
  now: Date.now,
});
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway(world.environment, { config, limitStore });
});
afterAll(() => gateway.stop());
beforeEach(() => world.stripe.answerWith(() => undefined)); // hangs

const isEmpty = () => poll('no request is counted any more', () => limitStore.openRequests.count('stripe') === 0);

/** Requests that wait for an answer, until they are given up. */
function hold(count: number, token: string, more: RequestInit = {}): AbortController {
  const over = new AbortController();
  for (let number = 0; number < count; number += 1) {
    fetch(gateway.url + path, { headers: as(token), signal: over.signal, ...more }).catch(() => undefined);
  }
  return over;
}

describe('a hung upstream', () => {
  it('holds so many requests of one caller, and not those of others', async () => {
    const over = hold(3, tokens.admin);
    await world.stripe.arrived(3);
    const refused = await supertest(gateway.url).get(path).set(as(tokens.admin));
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body.errors[0].extensions).toMatchObject({ code: 'REQUESTS_EXCEEDED', limit: 3 });

    const others = hold(1, tokens.reader);
    await world.stripe.arrived(4);
    expect(limitStore.openRequests.count('stripe')).toBe(4);
    over.abort();
    others.abort();
    await isEmpty();
  });

  it('holds so many of all callers, and no other upstream suffers', async () => {
    const all = [hold(3, tokens.admin), hold(2, tokens.reader)];
    await world.stripe.arrived(5);
    const refused = await supertest(gateway.url).post(path).set(as(tokens.creator)).type('form').send('a=1');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body.errors[0].extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(world.stripe.seen).toHaveLength(5);

    const elsewhere = `/twilio/2010-04-01/Accounts/${world.environment.TWILIO_ACCOUNT_SID}/Messages.json`;
    expect((await supertest(gateway.url).get(elsewhere).set(as(tokens.admin))).status).toBe(200);
    for (const over of all) over.abort();
    await isEmpty();
  });
});

describe('a request is counted until it ends', () => {
  const ends: [string, () => Promise<unknown>][] = [
    ['with an answer', () => ask((_request, response) => response.end('{}'))],
    [
      'with an answer that breaks off',
      () => ask((_request, response) => response.write('{', () => response.destroy())),
    ],
    ['without an answer', () => ask((_request, response) => response.destroy())],
    ['with a body that cannot be read', () => post('application/json', '{')],
    ['with one that is refused', () => post('text/csv', 'a,b')],
    ['for a caller who may not', () => supertest(gateway.url).get(path).set(as(tokens.nobody))],
  ];
  const ask = (answer: Parameters<typeof world.stripe.answerWith>[0]) => {
    world.stripe.answerWith(answer);
    return fetch(gateway.url + path, { headers: as(tokens.admin) })
      .then((response) => response.text())
      .catch(() => undefined);
  };
  const post = (type: string, body: string) =>
    fetch(gateway.url + path, { method: 'POST', body, headers: { ...as(tokens.presets), 'Content-Type': type } });

  it.each(ends)('%s', async (_how, end) => {
    await end();
    await isEmpty();
  });

  it('by a caller who leaves, in the middle of the answer or of the body', async () => {
    world.stripe.answerWith((_request, response) => response.write('{'));
    const reading = hold(3, tokens.admin);
    await world.stripe.arrived(3);
    reading.abort();
    await isEmpty();

    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('a=')) });
    const writing = hold(2, tokens.admin, { method: 'POST', body, duplex: 'half' });
    await poll('they are counted', () => limitStore.openRequests.count('stripe') > 0);
    writing.abort();
    await isEmpty();
  });

  it('by three hundred who come and go', async () => {
    const all = Array.from({ length: 300 }, () => hold(1, tokens.admin));
    await world.stripe.arrived(3);
    for (const over of all) over.abort();
    await isEmpty();
    expect(limitStore.counts.refused.open_caller).toBeGreaterThan(0);
  });
});
