import { createServer, type Socket } from 'node:net';
import { beforeEach, expect, it } from '@jest/globals';
import { listen } from '../world/listen.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();

/** A Stripe whose connections do as they are told, one after the other. */
const seen: string[] = [];
let scripts: ((socket: Socket) => void)[] = [];
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    const text = String(data);
    if (!text.startsWith('POST')) return;
    seen.push(/^idempotency-key: (\S+)/im.exec(text)?.[1] ?? 'none');
    scripts.shift()?.(socket);
  });
});
const { origin } = stopLater(await listen(server));
const config = `
upstreams:
  stripe:
    rules:
      - { methods: [POST], path: /customers, collection: customers, operation: create-customer, budget: { points: 1, per: 24d } }
`;
const clock = { now: Date.UTC(2026, 0, 1) };
const gateway = stopLater(
  await startGateway({ ...world.environment, STRIPE_API_URL: origin }, { config, now: () => clock.now }),
);

const reset = (socket: Socket) => socket.resetAndDestroy();
const answer = (socket: Socket) => {
  const body = '{"id":"cus_1","object":"customer"}';
  socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
};
const create = () =>
  fetch(`${gateway.url}/stripe/customers`, {
    method: 'POST',
    headers: { ...as(tokens.creator), 'Content-Type': 'application/json' },
    body: '{"email":"a@example.com"}',
  });
beforeEach(() => {
  clock.now += 24 * 24 * 3_600_000; // a new budget
  seen.length = 0;
});

it('a creation whose connection is reset is repeated once, with the same idempotency key', async () => {
  scripts = [reset, answer];
  expect((await create()).status).toBe(200);
  expect(seen).toHaveLength(2);
  expect([new Set(seen).size, seen[0]]).toEqual([1, expect.not.stringMatching('none')]);
});

it('and not again', async () => {
  scripts = [reset, reset, answer];
  expect((await create()).status).toBe(502);
  expect(seen).toHaveLength(2);
});

it('a creation that Stripe may have seen costs its share of the budget, also where the repetition finds nobody', async () => {
  const close = (socket: Socket) => {
    server.close();
    reset(socket);
  };
  scripts = [close];
  expect([(await create()).status, seen.length]).toEqual([502, 1]);

  expect((await create()).status).toBe(429);
  server.listen(Number(new URL(origin).port), '127.0.0.1');
});
