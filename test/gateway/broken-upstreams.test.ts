import { afterAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import type { Answer } from '../world/recording-upstream.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld();
const firstByteMs = 300;
const limits = { directusTimeoutMs: 5_000, upstream: { firstByteMs } };
const impatient = await startGateway(world.environment, { limits });
afterAll(() => impatient.stop());

const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;
const raw =
  (bytes: string): Answer =>
  (request) => {
    request.socket.end(Buffer.from(bytes, 'latin1'));
  };
const bodyOf = (received: string): string => received.slice(received.indexOf('\r\n\r\n') + 4);

describe('a caller gets 502 UPSTREAM_UNREACHABLE, which says nothing of the upstream, and the request is not repeated', () => {
  const answers: [string, Answer][] = [
    ['it hangs up', (request) => request.socket.destroy()],
    ['it resets the connection', (request) => request.socket.resetAndDestroy()],
    ['it hangs up in the middle of the head', raw('HTTP/1.1 200 OK\r\nContent-Type: application')],
    ['it speaks no HTTP', raw('220 smtp.test ESMTP\r\n')],
    ['its status is no number', raw('HTTP/1.1 OK\r\n\r\n')],
    ['its status is below 100', raw('HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok')],
    [
      'its head is larger than Node takes',
      raw(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`),
    ],
    ['its length is no number', raw('HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok')],
    ['it has two lengths', raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\noks')],
    [
      'a header of it holds a control character',
      raw('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-A: \x01\r\nContent-Length: 2\r\n\r\nok'),
    ],
    [
      'it switches protocols',
      raw('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    ],
  ];

  it.each(answers)('%s', async (_what, answer) => {
    world.stripe.answerWith(answer);
    const received = await ask(impatient.port, [`POST ${customers} HTTP/1.1`, bearer, 'Content-Length: 0']);

    expect(statusOf(received)).toBe(502);
    const message = 'The upstream could not be reached or broke off before it answered.';
    expect(JSON.parse(bodyOf(received)).errors).toEqual([{ message, extensions: { code: 'UPSTREAM_UNREACHABLE' } }]);
    expect(received).not.toContain('127.0.0.1');
    expect(received).not.toMatch(/^Content-Encoding/im);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('nothing listens there', async () => {
    const gone = await startRecordingUpstream();
    await gone.stop();
    const gateway = await startGateway({
      ...world.environment,
      STRIPE_API_URL: gone.origin,
      TWILIO_API_URL: gone.origin,
    });
    const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
    for (const path of [customers, messages]) {
      const answer = await supertest(gateway.url).get(path).set(as(tokens.reader));
      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
      expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|canary/);
    }
    const lines = gateway.logs();
    await gateway.stop();

    expect(lines).toContain('ECONNREFUSED');
    expect(lines).not.toContain('canary');
  });
});

describe('a caller gets 504 UPSTREAM_TIMEOUT', () => {
  it('when the upstream does not begin its answer in time, and the upstream is told to stop', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => response.on('close', dropped.resolve));
    const answer = await supertest(impatient.url).get(customers).set(as(tokens.reader));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    await dropped.promise;
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('but not when the answer has begun in time and takes longer', async () => {
    world.stripe.answerWith((_request, response) => {
      response.write('{"slow":');
      setTimeout(() => response.end('true}'), firstByteMs + 100);
    });
    const answer = await supertest(impatient.url).get(customers).set(as(tokens.reader));

    expect([answer.status, answer.text]).toEqual([200, '{"slow":true}']);
  });

  it('but not when it is the caller who sends slowly', async () => {
    const call = dial(impatient.port);
    call.send(
      head(`POST ${customers} HTTP/1.1`, bearer, 'Content-Type: text/plain', 'Content-Length: 6', 'Connection: close'),
    );
    call.send('abc');
    await world.stripe.arrived(1);
    setTimeout(() => call.send('def'), firstByteMs + 100);

    expect(statusOf(await call.closed)).toBe(200);
    expect(world.stripe.seen.map(({ body }) => body)).toEqual(['abcdef']);
  });
});

describe('an answer that breaks off in the middle breaks the caller’s connection, so that it never looks complete', () => {
  const answers: [string, Answer][] = [
    [
      'with a length',
      (_request, response) => {
        response.writeHead(200, { 'Content-Length': '1000', 'Content-Type': 'application/json' }).write('{"data":[1');
      },
    ],
    [
      'in chunks',
      (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"data":[1');
      },
    ],
    [
      'until the connection closes',
      (request) => {
        request.socket.write(
          'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"data":[1',
        );
      },
    ],
    [
      'an error',
      (_request, response) => {
        response.writeHead(400, { 'Content-Type': 'application/json' }).write('{"data":[1');
      },
    ],
  ];

  it.each(answers)('%s', async (what, answer) => {
    const id = `breaks-off-${what.replaceAll(' ', '-')}`;
    const begun = Promise.withResolvers<() => void>();
    world.stripe.answerWith((request, response, body) => {
      begun.resolve(() => request.socket.resetAndDestroy());
      answer(request, response, body);
    });
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, `X-Request-Id: ${id}`));
    await call.until(/\{"data":\[1/);
    (await begun.promise)();
    const received = await call.closed;

    expect(received).not.toContain('errors');
    expect(received).not.toMatch(/\r\n0\r\n/);
    expect(received.length).toBeLessThan(received.indexOf('{"data":[1') + 20);
    expect(await world.gateway.logged(({ requestId, msg }) => requestId === id && msg === 'request')).toMatchObject({
      cutOff: true,
    });
  });

  it('a chunk size that is none, after good ones', async () => {
    world.stripe.answerWith((request) => {
      request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n');
    });
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer));

    expect(await call.closed).not.toMatch(/\r\n0\r\n/);
  });

  it('and the next caller gets an answer of their own', async () => {
    world.stripe.answerWith((request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      if (request.url?.endsWith('/second')) response.end('whole');
      else response.writeHead(200, { 'Content-Length': '9' }).write('half', () => request.socket.resetAndDestroy());
    });
    await expect(caller.get(`${customers}/first`).set(as(tokens.reader))).rejects.toThrow();

    expect((await caller.get(`${customers}/second`).set(as(tokens.reader))).text).toBe('whole');
  });
});

describe('an answer without a body', () => {
  it.each([[204], [304]])('%i passes', async (status) => {
    world.stripe.answerWith((_request, response) => response.writeHead(status, { 'X-A': '1' }).end());
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]);

    expect([statusOf(received), bodyOf(received)]).toEqual([status, '']);
    expect(received).toMatch(/^x-a: 1\r$/im);
  });

  it('to HEAD passes with the length that GET would have', async () => {
    world.stripe.answerWith((_request, response) => response.writeHead(200, { 'Content-Length': '1234' }).end());
    const received = await ask(world.gateway.port, [`HEAD ${customers} HTTP/1.1`, bearer]);

    expect([statusOf(received), bodyOf(received)]).toEqual([200, '']);
    expect(received).toMatch(/^content-length: 1234\r$/im);
  });

  it('that only hints at what will come is not taken for the answer', async () => {
    world.stripe.answerWith((request) => {
      request.socket.end(
        'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok',
      );
    });
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]);

    expect([received.match(/^HTTP.*/gm), bodyOf(received)]).toEqual([['HTTP/1.1 201 Created'], 'ok']);
  });
});
