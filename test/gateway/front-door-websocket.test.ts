import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { stopServer } from '../../src/stop/stop-server.ts';
import { type Dialled, dial, head, statusOf } from '../world/dial.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { startStubWebSocket } from '../world/stub-websocket.ts';
import { verdict } from '../world/verdict.ts';

const directus = await startStubWebSocket();
const environment = {
  DIRECTUS_URL: `${directus.origin}/cms`,
  FRONT_DOOR: 'true',
  STRIPE_LIVE_SECRET_KEY: 'sk_test_x',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
};
const started: RunningGateway[] = [];
async function another(options: GatewayOptions = {}, more: Record<string, string> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({ ...environment, ...more }, options);
  started.push(gateway);
  return gateway;
}
const gateway = await another({ limits: { handshakeMs: 300 } });

beforeEach(() => directus.reset());
afterAll(async () => {
  for (const each of started) if (each.server.listening) await each.stop();
  await directus.stop();
});

const offer = (...lines: string[]): string =>
  head(
    'GET /websocket?access_token=t HTTP/1.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
  );

const agreed = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
/** Sends back whatever comes, without any frames. */
const mirror = (_request: unknown, socket: Socket, early: Buffer): void => {
  socket.write(agreed);
  if (early.length > 0) socket.write(early);
  socket.pipe(socket);
};

const silence = (_request: unknown, socket: Socket): unknown => socket.resume();

async function opened(port = gateway.port, ...lines: string[]): Promise<Dialled> {
  directus.takeWith(mirror);
  const call = dial(port);
  call.send(offer(...lines));
  await call.until(/101 Switching[\s\S]*\r\n\r\n/);
  return call;
}

const line = (id: string) => gateway.logged(({ requestId, msg }) => requestId === id && msg === 'request');
const stillThere = async () => (await fetch(`${gateway.url}/server/ping`)).text();

describe('a WebSocket to Directus', () => {
  it('carries text and bytes of any size both ways, and its close code', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/websocket`);
    await once(socket, 'open');
    for (const sent of [Buffer.from('hello'), randomBytes(5 * 1_024 ** 2), Buffer.alloc(0)]) {
      socket.send(sent);
      const [received] = await once(socket, 'message');
      expect(Buffer.compare(received, sent)).toBe(0);
    }
    socket.close(4001, 'enough');
    const [code, reason] = await once(socket, 'close');

    expect([code, String(reason)]).toEqual([4001, 'enough']);
  });

  it('is closed for the caller with the code that Directus gives', async () => {
    directus.takeWith((request, socket, early) =>
      directus.accept(request, socket, early, (open) => open.close(4003, 'token expired')),
    );
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const [code, reason] = await once(socket, 'close');

    expect([code, String(reason)]).toEqual([4003, 'token expired']);
    expect(directus.offers[0]?.headers['sec-websocket-protocol']).toBe('graphql-transport-ws');
  });

  it('is asked for with the caller’s cookies, token, origin and address, and with nothing of their connection', async () => {
    const lines = ['Cookie: directus_session_token=canary', 'Authorization: Bearer t', 'Origin: https://app.test'];
    const lies = ['X-Forwarded-For: 6.6.6.6', 'Forwarded: for=6.6.6.6', 'Keep-Alive: x', 'Proxy-Authorization: x'];
    const call = await opened(gateway.port, ...lines, 'Sec-WebSocket-Extensions: permessage-deflate', ...lies);

    expect(directus.offers[0]?.url).toBe('/cms/websocket?access_token=t');
    expect(directus.offers[0]?.headers).toEqual({
      host: new URL(directus.origin).host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-extensions': 'permessage-deflate',
      cookie: 'directus_session_token=canary',
      authorization: 'Bearer t',
      origin: 'https://app.test',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'gateway.test',
      'x-forwarded-proto': 'http',
    });
    call.socket.destroy();
  });

  it('has in its answer what Directus says, X-Request-Id, and nothing that it did not say', async () => {
    directus.takeWith((_request, socket) =>
      socket.write(
        'HTTP/1.1 101 OK\r\nConnection: upgrade, X-Hop\r\nX-Hop: 1\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: yes\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nKeep-Alive: x\r\nContent-Length: 5\r\nDate: Mon\r\n\r\nfirst',
      ),
    );
    const call = dial(gateway.port);
    call.send(offer('X-Request-Id: agreed'));
    await call.until(/first/);

    expect(call.received().split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'X-Request-Id: agreed',
      'Sec-WebSocket-Accept: yes',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'Date: Mon',
      'Connection: Upgrade',
      'Upgrade: websocket',
      '',
      'first',
    ]);
    call.socket.destroy();
  });

  it('brings Directus what was sent too early, once and after it has agreed', async () => {
    directus.takeWith((request, socket, early) => {
      expect(early).toHaveLength(0);
      setTimeout(mirror, 50, request, socket, early);
    });
    const call = dial(gateway.port);
    call.send(`${offer()}early`);
    await call.until(/early/);
    call.send('-later');

    expect((await call.until(/later/)).split('\r\n\r\n')[1]).toBe('early-later');
    call.socket.destroy();
  });

  it('is one line in the access log when it has ended, with how long it lasted', async () => {
    const call = await opened(gateway.port, 'X-Request-Id: tunnel');
    await sleep(100);
    expect(gateway.logs()).not.toContain('"tunnel"');
    call.socket.end();

    const { durationMs, upstreamMs: _ms, time: _time, ...rest } = await line('tunnel');
    expect(rest).toEqual({
      level: 30,
      requestId: 'tunnel',
      method: 'GET',
      path: '/websocket',
      status: 101,
      upstream: 'directus',
      msg: 'request',
    });
    expect(durationMs).toBeGreaterThanOrEqual(90);
    expect(gateway.logs()).not.toContain('access_token');
  });

  it.each(['Directus', 'the caller'])('waits for %s to read', async (slow) => {
    const far = Promise.withResolvers<Socket>();
    directus.takeWith((_request, socket) => {
      socket.write(agreed);
      far.resolve(socket);
    });
    const call = dial(gateway.port);
    call.send(offer());
    await call.until(/101/);
    const [from, to] = slow === 'Directus' ? [call.socket, await far.promise] : [await far.promise, call.socket];
    to.pause();
    const chunk = Buffer.alloc(1_024 ** 2);
    let sent = 0;
    const pump = () => {
      while (sent < 200 && from.write(chunk)) sent += 1;
    };
    from.on('drain', pump);
    pump();
    await sleep(500);

    expect(sent).toBeLessThan(30);
    call.socket.destroy();
    (await far.promise).destroy();
  });
});

describe('when one side of a WebSocket', () => {
  it.each([
    ['the caller resets', (call: Dialled) => call.socket.resetAndDestroy()],
    ['the caller ends', (call: Dialled) => call.socket.end()],
    ['Directus resets', () => onlySocket().resetAndDestroy()],
    ['Directus ends', () => onlySocket().end()],
  ])('is gone (%s), the other is let go, and the gateway goes on', async (_what, leave) => {
    for (let round = 0; round < 10; round += 1) {
      await directus.connections(0);
      const call = await opened();
      leave(call);
      await call.closed;
    }
    await directus.connections(0);

    expect(await stillThere()).toBe('pong');
  });

  it('ends, what was under way to the other still arrives', async () => {
    const body = 'x'.repeat(3 * 1_024 ** 2);
    directus.takeWith((_request, socket) => socket.end(agreed + body));
    const call = dial(gateway.port);
    call.send(offer());

    expect((await call.closed).split('\r\n\r\n')[1]?.length).toBe(body.length);
  });

  it('resets during the handshake, Directus’ side is let go at once', async () => {
    const patient = await another();
    directus.takeWith(silence);
    for (let round = 1; round <= 10; round += 1) {
      const call = dial(patient.port);
      call.send(offer());
      await directus.offered(round);
      call.socket.resetAndDestroy();
    }
    const begin = performance.now();
    await directus.connections(0);

    expect(performance.now() - begin).toBeLessThan(2_000);
    expect(patient.logs()).not.toContain('"msg":"SERVICE_UNAVAILABLE"');
  });

  it('is a Directus that never ends its own side after the caller has, both are cut off', async () => {
    directus.takeWith((_request, socket) => {
      socket.removeAllListeners('end').resume().write(agreed);
    });
    const call = dial(gateway.port);
    call.send(offer());
    await call.until(/101/);
    call.socket.end();

    expect(await call.closed).toContain('101');
  });

  it('never ends its own side after the other has, it is cut off', async () => {
    directus.takeWith((_request, socket) => socket.resume().end(agreed));
    const call = dial(gateway.port);
    call.socket.allowHalfOpen = true;
    call.send(offer('X-Request-Id: half-open'));
    await once(call.socket, 'end');

    expect(await line('half-open')).toMatchObject({ status: 101 });
    call.socket.destroy();
  });
});

function onlySocket(): Socket {
  const [socket] = directus.sockets;
  if (socket === undefined) throw new Error('No connection is open.');
  return socket;
}

describe('what Directus answers instead of agreeing', () => {
  it.each([
    ['with a length', 'HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a=1\r\nContent-Length: 4\r\n\r\nnope'],
    [
      'in chunks',
      'HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n',
    ],
    ['until its end', 'HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a=1\r\n\r\nnope'],
  ])('reaches the caller, and ends the connection (%s)', async (_how, answer) => {
    directus.takeWith((_request, socket) => socket.end(answer));
    const call = dial(gateway.port);
    call.send(offer());
    const received = await call.closed;

    expect(received).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\nX-Request-Id: [\w-]+\r\nSet-Cookie: a=1\r\n/);
    expect(received).toMatch(/\r\nConnection: close\r\n/);
    expect(received).toContain('nope');
  });

  it('reaches the caller as Directus itself says it: no more than a status', async () => {
    directus.takeWith((_request, socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\n\r\n');
      socket.destroy();
    });
    const call = dial(gateway.port);
    call.send(offer());

    expect(statusOf(await call.closed)).toBe(401);
  });

  it('reaches the caller whole, however much it is', async () => {
    const body = 'x'.repeat(20 * 1_024 ** 2);
    directus.takeWith((_request, socket) =>
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
    const call = dial(gateway.port);
    call.socket.pause();
    call.send(offer());
    await sleep(200);
    call.socket.resume();

    expect((await call.closed).split('\r\n\r\n')[1]?.length).toBe(body.length);
  });

  it('does not let what was sent early become a request of its own', async () => {
    directus.takeWith((_request, socket, early) => {
      expect(early).toHaveLength(0);
      socket.write('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n');
    });
    const call = dial(gateway.port);
    call.send(`${offer()}${head('GET /smuggled HTTP/1.1')}`);
    const received = await call.closed;

    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(statusOf(received)).toBe(426);
    expect(directus.plain).not.toContain('/cms/smuggled');
  });

  it('is cut off for the caller when it is cut off', async () => {
    directus.takeWith((_request, socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n', () =>
        setTimeout(() => socket.resetAndDestroy(), 50),
      );
    });
    const call = dial(gateway.port);
    call.send(offer('X-Request-Id: cut'));

    expect(await call.closed).toMatch(/nope\r\n$/);
    expect(await line('cut')).toMatchObject({ status: 401, cutOff: true });
  });

  it.each([
    ['nothing', silence],
    ['by breaking off', (_request: unknown, socket: Socket) => socket.resetAndDestroy()],
    ['what is no HTTP', (_request: unknown, socket: Socket) => socket.resume().end('SSH-2.0\r\n\r\n')],
    [
      'with another protocol',
      (_request: unknown, socket: Socket) => socket.resume().write(agreed.replace('websocket', 'tcp')),
    ],
  ])('is 503 in Directus’ form: %s', async (what, take) => {
    directus.takeWith(take);
    const id = `odd-${what.replaceAll(' ', '-')}`;
    const call = dial(gateway.port);
    call.send(offer(`X-Request-Id: ${id}`));

    expect(verdict(await call.closed)).toBe('503 SERVICE_UNAVAILABLE');
    expect(await line(id)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    await directus.connections(0);
  });

  it('is 503 in Directus’ form: it is not there', async () => {
    const gone = await startStubWebSocket();
    await gone.stop();
    const alone = await another({}, { DIRECTUS_URL: gone.origin });
    const call = dial(alone.port);
    call.send(offer());

    expect(verdict(await call.closed)).toBe('503 SERVICE_UNAVAILABLE');
  });
});

describe('an offer to change the protocol is no more than an ordinary request', () => {
  it.each([
    ['on an upstream’s route', 'GET /stripe/v1/customers', ['Upgrade: websocket'], 400],
    ['on a route of the gateway', 'GET /server/ping', ['Upgrade: websocket'], 200],
    ['to h2c', 'GET /items/a', ['Upgrade: h2c'], 200],
    ['to several', 'GET /items/a', ['Upgrade: h2c, websocket'], 200],
    ['with another method', 'DELETE /items/a', ['Upgrade: websocket'], 200],
    ['with a body', 'GET /items/a', ['Upgrade: websocket', 'Transfer-Encoding: chunked'], 200],
  ])('%s', async (_what, request, lines, status) => {
    const call = dial(gateway.port);
    call.send(head(`${request} HTTP/1.1`, 'Connection: close, Upgrade', ...lines));
    if (lines.length > 1) call.send('0\r\n\r\n');

    expect(statusOf(await call.closed)).toBe(status);
    expect(directus.offers).toEqual([]);
  });

  it.each(['http://evil.test/websocket', 'websocket'])('to no path (%s) is refused', async (target) => {
    const call = dial(gateway.port);
    call.send(offer().replace('/websocket', target));

    expect(statusOf(await call.closed)).toBe(400);
    expect(directus.offers).toEqual([]);
  });

  it('is never answered into the middle of another answer', async () => {
    const call = dial(gateway.port);
    call.send(head('GET /server/health HTTP/1.1') + offer());
    const received = await call.closed;

    expect(received).not.toContain('101');
    expect(directus.offers).toEqual([]);
    expect(await stillThere()).toBe('pong');
  });
});

describe('a gateway that is told to stop', () => {
  it('ends its WebSockets at once on both sides, and logs them', async () => {
    const stopping = await another();
    const call = await opened(stopping.port, 'X-Request-Id: stopped');
    const begin = performance.now();
    stopping.closeTunnels(10_000);
    await stopServer(stopping.server, stopping.connections, { timeoutMs: 10_000, drain: false });
    await call.closed;
    await directus.connections(0);

    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(await stopping.logged(({ requestId }) => requestId === 'stopped')).toMatchObject({ status: 101 });
  });

  it('cuts those that take no notice at the limit', async () => {
    const stopping = await another();
    directus.takeWith((_request, socket) => socket.write(agreed + 'x'.repeat(50 * 1_024 ** 2)));
    const call = dial(stopping.port);
    call.send(offer());
    await call.until(/101/);
    call.socket.pause();
    await sleep(200);
    const begin = performance.now();
    stopping.closeTunnels(300);
    await stopServer(stopping.server, stopping.connections, { timeoutMs: 10_000, drain: false });

    expect(performance.now() - begin).toBeGreaterThan(250);
    expect(performance.now() - begin).toBeLessThan(2_000);
    call.socket.destroy();
  });

  it('ends handshakes under way, and takes no more of them', async () => {
    const stopping = await another();
    directus.takeWith(silence);
    const [waiting, late] = [dial(stopping.port), dial(stopping.port)];
    await once(late.socket, 'connect');
    waiting.send(offer());
    await directus.offered(1);
    stopping.closeTunnels(10_000);
    late.send(offer());

    expect(verdict(await waiting.closed)).toBe('503 SERVICE_UNAVAILABLE');
    expect(verdict(await late.closed)).toBe('503 SERVICE_UNAVAILABLE');
    expect(directus.offers).toHaveLength(1);
  });
});
