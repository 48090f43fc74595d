import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head, statusOf } from '../world/dial.ts';
import { listen } from '../world/listen.ts';
import { type GatewayOptions, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;
const config = `
upstreams:
  stripe:
    rules:
      - { path: /v1/customers/stream, collection: customers, stream: true }
`;
const start = async (options: GatewayOptions, environment: Record<string, string> = {}) =>
  stopLater(await startGateway({ ...world.environment, ...environment }, { config, ...options }));

/** Each test has one clock that is short. */
const long = { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 5_000 };
const withConnect = await start({ limits: { upstream: { ...long, connectMs: 100 } } });
const withFirstByte = await start({ limits: { upstream: { ...long, firstByteMs: 250 } } });
const withSilence = await start({ limits: { upstream: { ...long, silenceMs: 200 } } });
const withTotal = await start({ limits: { upstream: { ...long, totalMs: 250 } } });

/** An upstream that sends a piece every 40 ms, that many times. */
const trickle = (pieces: number, type: string, onClose: () => void = () => undefined) =>
  world.stripe.answerWith(async (_request, response) => {
    response.on('close', onClose).writeHead(200, { 'Content-Type': type });
    for (let piece = 0; piece < pieces && !response.destroyed; piece += 1) {
      response.write('x');
      await sleep(40);
    }
    response.end('end');
  });

describe('a caller gets an error in time when the upstream', () => {
  it('takes the connection and never agrees to encrypt it: 502, for nothing has been sent', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    const closed = Promise.withResolvers<void>();
    silent.on('connection', (socket) => socket.on('close', closed.resolve));
    const { port } = stopLater(await listen(silent));
    const limits = { upstream: { ...long, connectMs: 100 } };
    const gateway = await start({ limits }, { STRIPE_API_URL: `https://127.0.0.1:${port}` });
    const answer = await supertest(gateway.url).get(customers).set(as(tokens.reader));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    await closed.promise;
    expect(gateway.logs()).toContain('There was no connection within 100 ms.');
  });

  it('begins an answer that is read, and does not go on: 504', async () => {
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"data":');
    });
    const answer = await supertest(withSilence.url).get(`${customers}/cus_1`).set(as(tokens.fields));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
  });

  it('takes no more of an upload: 504', async () => {
    world.stripe.answerHeadWith((request) => request.pause());
    const call = httpRequest(withFirstByte.url + customers, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens.admin}`, 'Content-Type': 'text/plain' },
    });
    call.on('error', () => undefined); // the gateway reads no further
    call.write(Buffer.alloc(32 * 1_024 ** 2));
    const [answer]: IncomingMessage[] = await once(call, 'response');
    call.destroy();

    expect(answer?.statusCode).toBe(504);
  });

  it('but not when it takes an upload slowly, for longer than the time until the first byte', async () => {
    let size = 0;
    world.stripe.answerHeadWith(async (request, response) => {
      for await (const chunk of request) {
        size += chunk.length;
        if (size % 1_048_576 < chunk.length) await sleep(20);
      }
      response.end('{}');
    });
    const started = performance.now();
    const answer = await fetch(withFirstByte.url + customers, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens.admin}`, 'Content-Type': 'text/plain' },
      body: Buffer.alloc(32 * 1_024 ** 2),
    });

    expect([answer.status, size]).toEqual([200, 32 * 1_024 ** 2]);
    expect(performance.now() - started).toBeGreaterThan(250 * 2);
  });

  it('but not for a connection that is there in time, however long the answer takes', async () => {
    world.stripe.answerWith((_request, response) => setTimeout(() => response.end('{}'), 250));

    expect((await supertest(withConnect.url).get(customers).set(as(tokens.reader))).status).toBe(200);
  });
});

describe('an answer under way is broken off, for the caller and the upstream,', () => {
  const cutOff = async (gateway: typeof withSilence, path: string, id: string) => {
    const call = dial(gateway.port);
    call.send(head(`GET ${path} HTTP/1.1`, bearer, `X-Request-Id: ${id}`, 'Connection: close'));
    const received = await call.closed;
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    return await gateway.logged(({ requestId, msg }) => requestId === id && msg === 'request');
  };

  it('when the upstream falls silent', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => {
      response.on('close', dropped.resolve).writeHead(200, { 'Content-Type': 'application/json' }).write('[1');
    });

    expect(await cutOff(withSilence, customers, 'silent')).toMatchObject({ code: 'UPSTREAM_TIMEOUT', cutOff: true });
    await dropped.promise;
  });

  it('when it has no end', async () => {
    const dropped = Promise.withResolvers<void>();
    trickle(1_000, 'text/plain', dropped.resolve);

    expect(await cutOff(withTotal, customers, 'endless')).toMatchObject({ code: 'UPSTREAM_TIMEOUT', cutOff: true });
    await dropped.promise;
  });

  it('when the caller takes nothing of it', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => {
      response.on('close', dropped.resolve).end(Buffer.alloc(64 * 1_024 ** 2, 'x'));
    });
    const call = dial(withSilence.port);
    call.socket.pause();
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, 'X-Request-Id: takes-nothing'));
    await dropped.promise;

    expect(
      await withSilence.logged(({ requestId, msg }) => requestId === 'takes-nothing' && msg === 'request'),
    ).toMatchObject({ code: 'REQUEST_TIMEOUT', reason: 'reader_still', cutOff: true });
    call.socket.destroy();
  });
});

describe('an answer goes on', () => {
  const whole = async (gateway: typeof withSilence, path: string) => {
    const answer = await fetch(gateway.url + path, { headers: as(tokens.admin) });
    expect(await answer.text()).toMatch(/^x+end$/);
  };

  it('while it comes slowly', async () => {
    trickle(8, 'text/plain');
    await whole(withSilence, customers);
  });

  it('for as long as it likes where the rule says so', async () => {
    trickle(10, 'text/plain');
    await whole(withTotal, `${customers}/stream`);
  });

  it('for as long as it likes when it is a stream of events', async () => {
    trickle(10, 'text/event-stream; charset=utf-8');
    await whole(withTotal, customers);
  });

  it.each([
    ['silence', withSilence, 200],
    ['the total time', withTotal, 250],
  ])('while the caller takes it slowly, for longer than the clock of %s', async (_clock, gateway, ms) => {
    const size = 40 * 1_024 ** 2;
    world.stripe.answerWith((_request, response) => response.end(Buffer.alloc(size, 'x')));
    const call = httpRequest(gateway.url + customers, { headers: as(tokens.admin) });
    call.end();
    const started = performance.now();
    const [answer]: IncomingMessage[] = await once(call, 'response');
    let read = 0;
    for await (const chunk of answer ?? []) {
      read += chunk.length;
      if (read % 2_097_152 < chunk.length) await sleep(40);
    }

    expect(read).toBe(size);
    expect(performance.now() - started).toBeGreaterThan(2 * ms);
  });
});

describe('a caller who sends', () => {
  const serverLimits = { headersMs: 100, requestMs: 5_000, checkMs: 20, bodyStillMs: 100 };
  const strict = start({ serverLimits });
  const bodyOf = (received: string) => JSON.parse(received.slice(received.indexOf('{')));

  it('a head that does not end gets 408, and so does one who sends nothing', async () => {
    const { port } = await strict;
    const call = dial(port);
    call.send('GET / HTTP/1.1\r\nHost: a\r\n');
    const [received, nothing] = await Promise.all([call.closed, dial(port).closed]);

    expect(statusOf(received)).toBe(408);
    expect(bodyOf(received).errors[0].extensions).toEqual({ code: 'REQUEST_TIMEOUT' });
    expect(nothing).not.toContain('200 OK');
  });

  it.each([
    ['streams', '/stripe/v1/customers', 'Content-Type: text/plain'],
    [
      'is read',
      '/twilio/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json',
      'Content-Type: application/json',
    ],
  ])(
    'a body that stands still gets 408, and the upstream no whole request, where the body %s',
    async (what, path, type) => {
      const { port, logged } = await strict;
      const aborted = Promise.withResolvers<void>();
      world.stripe.answerHeadWith((request) => request.resume().on('close', aborted.resolve));
      const id = `still-${what.replaceAll(' ', '-')}`;
      const call = dial(port);
      call.send(head(`POST ${path} HTTP/1.1`, bearer, type, 'Content-Length: 20', `X-Request-Id: ${id}`));
      call.send('{"Body":');
      const received = await call.closed;

      expect([statusOf(received), bodyOf(received).errors[0].extensions.code]).toEqual([408, 'REQUEST_TIMEOUT']);
      expect(bodyOf(received)).toMatchObject({ error: { code: 'REQUEST_TIMEOUT' }, status: 408 }); // for SDKs
      expect(received).toMatch(new RegExp(`^x-request-id: ${id}\r$`, 'im'));
      if (what === 'streams') await aborted.promise;
      expect(world.stripe.wire.received()).not.toMatch(/\r\n0\r\n\r\n$/);
      expect(world.twilio.wire.received()).toBe('');
      const line = await logged(({ requestId, msg }) => requestId === id && msg === 'request');
      expect(line).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT', reason: 'body_still' });
    },
  );

  it('a body slowly, piece by piece, is served', async () => {
    const { port } = await strict;
    const call = dial(port);
    const lines = [bearer, 'Content-Type: text/plain', 'Content-Length: 8', 'Connection: close'];
    call.send(head(`POST ${customers} HTTP/1.1`, ...lines));
    for (const byte of '12345678') {
      call.send(byte);
      await sleep(40);
    }

    expect(statusOf(await call.closed)).toBe(200);
    expect(world.stripe.seen.map(({ body }) => body)).toEqual(['12345678']);
  });

  it('an address of more than 8 KB gets 414 and a head of more than 16 KB 431, and nobody is asked', async () => {
    const long_ = await supertest(world.gateway.url)
      .get(`${customers}?a=${'a'.repeat(8_200)}`)
      .set(as(tokens.admin));
    expect([long_.status, long_.body.errors[0].extensions.code]).toEqual([414, 'URI_TOO_LONG']);

    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, `X-A: ${'a'.repeat(17_000)}`));
    const received = await call.closed;
    expect([statusOf(received), bodyOf(received).errors[0].extensions.code]).toEqual([431, 'HEADERS_TOO_LARGE']);
    expect([world.directus.wire.received(), world.stripe.wire.received()]).toEqual(['', '']);
  });
});

describe('a connection that is used again and again', () => {
  it('keeps nothing of the requests that came over it', async () => {
    const sockets: Socket[] = [];
    withTotal.server.on('connection', (socket) => sockets.push(socket));
    const call = dial(withTotal.port);
    const counts = [];
    for (let count = 1; count <= 3; count += 1) {
      call.send(head(`POST ${customers} HTTP/1.1`, bearer, 'Content-Type: text/plain', 'Content-Length: 3'));
      call.send('abc');
      await call.until(new RegExp(`(HTTP/1.1 200[^]*){${count}}"ok":true`));
      await sleep(10);
      counts.push(sockets[0]?.eventNames().reduce((sum, name) => sum + (sockets[0]?.listenerCount(name) ?? 0), 0));
    }
    call.socket.destroy();

    expect(new Set(counts).size).toBe(1);
  });
});
