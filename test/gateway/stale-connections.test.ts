import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import type { Limits } from '../../src/create-gateway.ts';
import { listen } from '../world/listen.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const customers = '/stripe/v1/customers';
const config = `
upstreams:
  stripe:
    rules:
      - { methods: [GET], path: /v1/reboot, collection: customers, action: update }
`;

/** What an upstream does with the second request on a connection. */
type Second = (socket: Socket) => void;
const answerOk = (socket: Socket) =>
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}');

/** An upstream that answers the first request of each connection, and keeps the first line of each that it is sent. */
async function startClosing(second: Second, limits: Partial<Limits> = {}) {
  const seen: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    let requests = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const [line = ''] = chunk.toString('latin1').split(' HTTP/1.1');
      if (!/^[A-Z]+ \//.test(line)) return;
      seen.push(`${connection}: ${line}`);
      requests += 1;
      if (requests === 1) answerOk(socket);
      else second(socket);
    });
  });
  const { origin } = stopLater(await listen(server));
  const gateway = stopLater(await startGateway({ ...world.environment, STRIPE_API_URL: origin }, { limits, config }));
  const caller = supertest(gateway.url);
  await caller.get(customers).set(as(tokens.admin)); // leaves a connection that is kept
  return { seen, caller };
}

const closings: [string, Second][] = [
  ['closes it', (socket) => socket.end()],
  ['resets it', (socket) => socket.resetAndDestroy()],
];

describe.each(closings)('an upstream %s when a second request comes over a kept connection', (_how, second) => {
  it.each([
    ['GET', {}],
    ['HEAD', {}],
  ] as const)('sees a %s once more, over a new connection, and the caller an answer', async (method, headers) => {
    const { seen, caller } = await startClosing(second);
    const ask = method === 'GET' ? caller.get(customers) : caller.head(customers);
    const { status } = await ask.set({ ...as(tokens.admin), ...headers });

    expect(status).toBe(200);
    expect(seen).toEqual(['1: GET /v1/customers', `1: ${method} /v1/customers`, `2: ${method} /v1/customers`]);
  });

  it('sees a POST with an idempotency key and a body that was read once more, with the same key', async () => {
    const { seen, caller } = await startClosing(second);
    const headers = { ...as(tokens.admin), 'Idempotency-Key': 'k-1', 'Content-Type': 'application/json' };
    const { status } = await caller.post(customers).set(headers).send('{"name":"x"}');

    expect([status, seen.length]).toEqual([200, 3]);
  });

  it.each([
    ['a POST without an idempotency key', 'post', {}, '{"name":"x"}'],
    ['a POST without an idempotency key nor a body', 'post', { 'Content-Length': '0' }, ''],
    ['a DELETE', 'delete', {}, ''],
    ['a POST whose body streams', 'post', { 'Idempotency-Key': 'k', 'Content-Type': 'text/plain' }, 'abc'],
  ] as const)('sees %s but once, and the caller is told', async (_what, method, headers, body) => {
    const { seen, caller } = await startClosing(second);
    const answer = await caller[method](customers)
      .set({ ...as(tokens.admin), 'Content-Type': 'application/json', ...headers })
      .send(body);

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    expect(seen).toHaveLength(2);
  });

  it('sees a GET that a rule calls a write but once', async () => {
    const { seen, caller } = await startClosing(second);
    expect((await caller.get('/stripe/v1/reboot').set(as(tokens.admin))).status).toBe(502);
    expect(seen).toEqual(['1: GET /v1/customers', '1: GET /v1/reboot']);
  });

  it('has not failed: its breaker does not count it', async () => {
    const { caller } = await startClosing(second);
    for (let round = 0; round < 6; round += 1) {
      await caller.post(customers).set(as(tokens.admin)).send('');
      await caller.get(customers).set(as(tokens.admin)); // over a new connection, which is kept
    }
    expect((await caller.get('/server/health')).body.checks.breakers.stripe).toBe('closed');
  });
});

it('a GET of which a byte was answered is not repeated', async () => {
  const { seen, caller } = await startClosing((socket) => socket.end('H'));

  expect((await caller.get(customers).set(as(tokens.admin))).status).toBe(502);
  expect(seen).toHaveLength(2);
});

it('a GET is repeated once, and not again', async () => {
  const seen: number[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      seen.push(seen.length);
      if (seen.length === 1) answerOk(socket);
      else socket.resetAndDestroy();
    });
  });
  const { origin } = stopLater(await listen(server));
  const gateway = stopLater(await startGateway({ ...world.environment, STRIPE_API_URL: origin }));
  await supertest(gateway.url).get(customers).set(as(tokens.admin));

  expect((await supertest(gateway.url).get(customers).set(as(tokens.admin))).status).toBe(502);
  expect(seen).toHaveLength(3);
});

it('a GET over a new connection that is closed is not repeated', async () => {
  world.stripe.answerWith((request) => request.socket.destroy());

  expect((await supertest(world.gateway.url).get(`${customers}/new`).set(as(tokens.admin))).status).toBe(502);
  expect(world.stripe.seen).toHaveLength(1);
});

it.each([
  ['the caller’s', { 'Idempotency-Key': 'k-2' }],
  ['one of its own where the caller has none', {}],
])('a customer is created by Stripe’s client, which repeats a POST, with the same key: %s', async (_whose, headers) => {
  world.stripe.answerWith((request) => request.socket.destroy());
  const { status } = await supertest(world.gateway.url)
    .post('/stripe/customers')
    .set({ ...as(tokens.admin), ...headers })
    .send({ email: 'a@example.test' });

  const keys = world.stripe.seen.map((seen) => seen.headers['idempotency-key']);
  expect([status, keys.length, new Set(keys).size]).toEqual([502, 2, 1]);
  expect(keys[0]).toMatch(/./);
});

describe('an upstream that closes every connection that was kept', () => {
  const keep = async (connections: number) => {
    const { seen, caller } = await startClosing((socket) => socket.end());
    await Promise.all(
      Array.from({ length: connections }, () => caller.get('/stripe/v1/customers/cus_1').set(as(tokens.admin))),
    );
    const kept = new Set(seen.map((line) => line.split(':')[0])).size;
    return { seen, caller, kept };
  };

  it('is asked again over a new one, and not over the next that it closes', async () => {
    const { seen, caller, kept } = await keep(4);
    expect(kept).toBeGreaterThan(1);
    const { status } = await caller.get(customers).set(as(tokens.admin));

    expect(status).toBe(200);
    expect(seen.at(-1)).toBe(`${kept + 1}: GET /v1/customers`);
  });

  it('is not taken for one that fails', async () => {
    const { caller } = await startClosing((socket) => socket.end(), { breaker: { failures: 1, openMs: 60_000 } });
    const post = await caller.post(customers).set(as(tokens.admin)).type('json').send('{"name":"x"}');
    const get = await caller.get(customers).set(as(tokens.admin));

    expect([post.status, get.status]).toEqual([502, 200]);
  });
});
