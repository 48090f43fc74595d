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

it('what is no HTTP is never answered into the middle of another answer', async () => {
  world.stripe.answerWith((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' }).write('{"part":');
  });
  const call = dial(world.gateway.port);
  call.send(head('GET /stripe/v1/customers HTTP/1.1', `Authorization: Bearer ${tokens.reader}`));
  await call.until(/\{"part":/);
  call.send('\x00\x01 garbage\r\n\r\n');
  const received = await call.closed;

  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(received).not.toContain('errors');
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
