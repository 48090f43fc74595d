import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { stopServer } from '../../src/stop/stop-server.ts';
import { dial, head } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const connectTo = ['CONNECT a:1 HTTP/1.1', 'Host: a:1', '', ''].join('\r\n');

describe('a caller without any token cannot end the gateway', () => {
  it('by asking for a tunnel and resetting the connection', async () => {
    for (let round = 0; round < 30; round += 1) {
      const call = dial(world.gateway.port);
      await once(call.socket, 'connect');
      call.send(connectTo);
      if (round % 2 === 0) await call.until(/405/);
      call.socket.resetAndDestroy();
      await call.closed;
    }

    expect((await caller.get('/server/ping')).text).toBe('pong');
  });

  it('nor keep it from stopping, by never closing their side of a tunnel that was refused', async () => {
    const gateway = await startGateway(world.environment);
    const call = dial(gateway.port);
    call.socket.allowHalfOpen = true;
    call.send(connectTo);
    await call.until(/405/);
    await stopServer(gateway.server, gateway.connections, { timeoutMs: 1_000, drain: false });

    expect(gateway.server.listening).toBe(false);
  });
});

const waiting = head('GET /stripe/v1/customers/waiting HTTP/1.1', `Authorization: Bearer ${tokens.reader}`);
const standingStill = head(
  'POST /stripe/v1/customers HTTP/1.1',
  `Authorization: Bearer ${tokens.creator}`,
  'Content-Length: 5',
);
const notHttp = '\x00\x01 garbage\r\n\r\n';
const behind: [string, string][] = [
  ['what is no HTTP', notHttp],
  ['what is no HTTP, behind a request that waits', waiting + notHttp],
  ['HTTP/2.0 in the form of HTTP/1, behind a request that waits', `${waiting}GET / HTTP/2.0\r\nHost: a\r\n\r\n`],
  ['a tunnel that is asked for', connectTo],
  ['a tunnel that is asked for, behind a request that waits', waiting + connectTo],
  ['a body that stands still', standingStill],
  ['half a head', 'GET / HTTP/1.1\r\nHo'],
  ['half a head, behind a request that waits', `${waiting}GET / HTTP/1.1\r\nHo`],
];
describe('while an answer is under way, the connection is closed for', () => {
  it.each(behind)('%s: nothing is written into the middle of the answer', async (_what, bytes) => {
    world.stripe.answerWith((request, response) => {
      if (request.url?.endsWith('/waiting') === true) return;
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' }).write('{"part":');
    });
    const serverLimits = { headersMs: 300, requestMs: 10_000, checkMs: 50, bodyStillMs: 300 };
    const gateway = await startGateway(world.environment, { serverLimits });
    const call = dial(gateway.port);
    call.send(head('GET /stripe/v1/customers HTTP/1.1', `Authorization: Bearer ${tokens.reader}`));
    await call.until(/\{"part":/);
    call.send(bytes);
    const received = await call.closed;
    await gateway.stop();

    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(received).not.toContain('errors');
  });
});

it('a request that waits for its answer is not told of what comes behind it', async () => {
  world.stripe.answerWith(() => undefined);
  const call = dial(world.gateway.port);
  call.send(waiting + notHttp);

  expect(await call.closed).toBe('');
});

it('what a caller writes where JSON should be never reaches the log', async () => {
  const answer = await caller
    .post('/stripe/v1/customers')
    .set({ ...as(tokens.creator), 'Content-Type': 'application/json' })
    .send('card=4242424242424242');

  expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
  await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);
  expect(world.gateway.logs()).not.toContain('card');
});
