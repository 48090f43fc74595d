import { createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Ledger } from '../../src/limit/ledger.ts';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { type Dialled, dial, head, statusOf } from '../world/dial.ts';
import { listen } from '../world/listen.ts';
import { startGateway } from '../world/start-gateway.ts';
import { until } from '../world/until.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();

/** Takes connections and never says a word, so that no handshake of TLS ends. */
const dialled = until();
const silent = createServer((socket) => {
  sockets.push(socket.on('error', () => undefined));
  dialled.check();
});
const sockets: Socket[] = [];
const { origin: silentOrigin } = stopLater(await listen(silent));
stopLater({
  stop: () => {
    for (const socket of sockets) socket.destroy();
    return Promise.resolve();
  },
});

const config = `
upstreams:
  stripe:
    rules:
      - { path: /v1/once, collection: customers, budget: { points: 1, per: 24d } }
      - { methods: [POST], path: /customers, collection: customers, operation: create-customer, budget: { points: 1, per: 24d } }
      - { methods: [GET], path: /customers, collection: customers, operation: list-customers, budget: { points: 1, per: 24d } }
  silent:
    origin: ${silentOrigin.replace('http:', 'https:')}
    rules: [{ path: /*, collection: customers, budget: { points: 1, per: 24d } }]
  slow:
    origin: ${silentOrigin.replace('http:', 'https:')}
    limits: { connect: 100ms }
    rules: [{ path: /*, collection: customers, budget: { points: 1, per: 24d } }]
`;
const world = await useWorld();
const clock = { now: Date.UTC(2026, 0, 1) };
const now = () => clock.now;

/** Whoever keeps the budgets may take a while. */
let spending = until();
let asked = 0;
let mayAnswer = Promise.resolve();
const own = await createLimitStore({ variables: { REDIS: undefined }, logger: pino({ level: 'silent' }), now });
const ledger: Ledger = {
  ...own.ledger,
  spend: async (charges) => {
    asked += 1;
    spending.check();
    await mayAnswer;
    return await own.ledger.spend(charges);
  },
};
const gateway = stopLater(
  await startGateway(
    { ...world.environment, MAX_PAYLOAD_SIZE: '100' },
    { config, now, limitStore: { ...own, ledger } },
  ),
);
beforeEach(() => {
  clock.now += 24 * 24 * 3_600_000; // new budgets
  spending = until();
  asked = 0;
  mayAnswer = Promise.resolve();
});

const bearer = `Authorization: Bearer ${tokens.admin}`;
const begin = (first: string, lines: readonly string[] = [], body = ''): Dialled => {
  const call = dial(gateway.port);
  call.send(head(`${first} HTTP/1.1`, bearer, 'Connection: close', ...lines));
  call.send(body);
  return call;
};
const status = async (...call: Parameters<typeof begin>): Promise<number> => statusOf(await begin(...call).closed);
/** The caller leaves, and the gateway has noticed. */
const leave = async ({ socket }: Dialled, requestId: string): Promise<void> => {
  socket.destroy();
  await gateway.logged((line) => line.requestId === requestId && line.cutOff === true);
};
let named = 0;
const nextId = (): string => {
  named += 1;
  return `leaves-${named}`;
};

const form = 'Content-Type: application/json';
const customer = '{"email":"ada@example.com"}';

describe('a budget is given back when the caller has left before anything was sent', () => {
  const first: [string, string, string[], string][] = [
    ['a request that streams', 'GET /stripe/v1/once', [], ''],
    ['a list that the gateway composes', 'GET /stripe/customers', [], ''],
    ['a customer to be created', 'POST /stripe/customers', [form, `Content-Length: ${customer.length}`], customer],
  ];
  it.each(first)('while the budget was asked for: %s', async (_what, line, lines, body) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    mayAnswer = promise;
    const id = nextId();
    const call = begin(line, [...lines, `X-Request-Id: ${id}`], body);
    await spending.holds(() => asked === 1);
    await leave(call, id);
    resolve();
    world.stripe.answerWith((_request, response) => response.end('{"data":[],"has_more":false}'));
    expect(await status(line, lines, body)).toBe(200);
    expect(world.stripe.seen).toHaveLength(1); // of the second
  });

  it('while the connection was still being made', async () => {
    const path = 'GET /silent/leaves';
    for (const attempt of [1, 2]) {
      const before = sockets.length;
      const id = nextId();
      const call = begin(path, [`X-Request-Id: ${id}`]);
      await dialled.holds(() => sockets.length > before);
      await leave(call, id);
      expect([attempt, statusOf(call.received())]).toEqual([attempt, 0]);
    }
  });

  it('while the body was coming that has to be read first', async () => {
    const id = nextId();
    const call = begin('POST /stripe/customers', [form, 'Content-Length: 50', `X-Request-Id: ${id}`], '{"email"');
    await spending.holds(() => asked === 1);
    await leave(call, id);
    expect(await status('POST /stripe/customers', [form, `Content-Length: ${customer.length}`], customer)).toBe(200);
    expect(world.stripe.seen).toHaveLength(1);
  });
});

describe('a budget is given back', () => {
  it('when no connection was made in time', async () => {
    expect([await status('GET /slow/waits'), await status('GET /slow/waits')]).toEqual([502, 502]);
  });

  it('when a body was too large to be read', async () => {
    const long = JSON.stringify({ email: 'a'.repeat(100) });
    const chunked = [form, 'Transfer-Encoding: chunked'];
    const post = () => status('POST /stripe/customers', chunked, `${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`);
    expect([await post(), await post()]).toEqual([413, 413]);
    expect(world.stripe.seen).toEqual([]);
  });
});

it('a budget is not given back when the caller leaves once it was sent', async () => {
  world.stripe.answerHeadWith(() => undefined);
  const id = nextId();
  const call = begin('GET /stripe/v1/once', [`X-Request-Id: ${id}`]);
  await world.stripe.arrived(1);
  await leave(call, id);
  expect(await status('GET /stripe/v1/once')).toBe(429);
});
