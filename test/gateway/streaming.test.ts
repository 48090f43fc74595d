import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, describe, expect, it } from '@jest/globals';
import { dial, head, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld({}, { config: 'upstreams: { stripe: { limits: { openPerCaller: 1000 } } }' });
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
afterAll(() => agent.destroy());
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;

/** A call whose answer is left unread. */
async function open(path: string): Promise<IncomingMessage> {
  const request = httpRequest(world.gateway.url + path, {
    agent,
    headers: { Authorization: `Bearer ${tokens.admin}` },
  });
  request.end();
  const [answer] = await once(request, 'response');
  return answer;
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an answer streams', () => {
  it('to the caller as it comes: its head first, then event by event', async () => {
    const upstream = Promise.withResolvers<ServerResponse>();
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      upstream.resolve(response);
    });
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, 'Connection: close'));
    await call.until(/text\/event-stream/);
    const events = await upstream.promise;
    events.write('data: one\n\n');
    await call.until(/data: one\n\n/);
    events.write('data: two\n\n');
    await call.until(/data: two\n\n/);
    events.end();

    expect(await call.closed).toMatch(/\r\n0\r\n\r\n$/);
  }, 2_000);

  it('to 257 callers at once, none of whom waits for another', async () => {
    const count = 257;
    const held = Promise.withResolvers<void>();
    world.stripe.answerWith((request, response) => {
      response.writeHead(200);
      response.write(`${request.url}:`);
      void held.promise.then(() => response.end('done'));
    });
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => open(`${customers}/cus_${index}`)));
    expect(world.stripe.seen).toHaveLength(count);
    held.resolve();

    const bodies = await Promise.all(answers.map(readAll));
    expect(bodies.map(String)).toEqual(bodies.map((_, index) => `/v1/customers/cus_${index}:done`));
  });

  it('no faster than the caller reads, and arrives whole', async () => {
    const chunk = Buffer.alloc(1_024 ** 2, 'x');
    const chunks = 128;
    let written = 0;
    const stalled = Promise.withResolvers<void>();
    world.stripe.answerWith(async (_request, response) => {
      for (; written < chunks; written += 1) {
        if (response.write(chunk)) continue;
        // nothing drains for a while: whoever should read does not
        const quiet = setTimeout(stalled.resolve, 200);
        await once(response, 'drain');
        clearTimeout(quiet);
      }
      response.end();
    });
    const answer = await open(customers);
    await stalled.promise;
    expect(written).toBeLessThan(chunks / 2);

    let size = 0;
    for await (const part of answer) size += part.length;
    expect(size).toBe(chunks * chunk.length);
  });
});

describe('an upload streams', () => {
  it('no faster than the upstream reads, and arrives whole', async () => {
    const chunk = Buffer.alloc(1_024 ** 2, 'x');
    const chunks = 128;
    const go = Promise.withResolvers<void>();
    let arrived = 0;
    world.stripe.answerHeadWith(async (request, response) => {
      await go.promise;
      for await (const part of request) arrived += part.length;
      response.end('{}');
    });
    const request = httpRequest(world.gateway.url + customers, {
      method: 'POST',
      agent,
      headers: { Authorization: `Bearer ${tokens.admin}`, 'Content-Type': 'multipart/form-data; boundary=x' },
    });
    let written = 0;
    const stalled = Promise.withResolvers<void>();
    const writing = (async () => {
      for (; written < chunks; written += 1) {
        if (request.write(chunk)) continue;
        const quiet = setTimeout(stalled.resolve, 200);
        await once(request, 'drain');
        clearTimeout(quiet);
      }
      request.end();
    })();
    await stalled.promise;
    expect(written).toBeLessThan(chunks / 2);
    go.resolve();
    const [[answer]] = await Promise.all([once(request, 'response'), writing]);
    answer.resume();

    expect([answer.statusCode, arrived]).toEqual([200, chunks * chunk.length]);
  });

  it('and an answer that comes before its end reaches the caller', async () => {
    world.stripe.answerHeadWith((request, response) => {
      response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":{"code":"too_big"}}');
      request.resume(); // an upstream that closes at once may be gone before anybody has read its answer
    });
    const call = dial(world.gateway.port);
    const type = 'Content-Type: multipart/form-data; boundary=x';
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, type, 'Content-Length: 50000000'));
    call.send(Buffer.alloc(1_000_000, 'x'));
    const received = await call.until(/too_big"\}\}/);
    call.socket.destroy();

    expect(statusOf(received)).toBe(400);
  });
});

describe('when the caller leaves, the upstream’s work ends', () => {
  it('before the answer has begun', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => response.on('close', dropped.resolve));
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, 'X-Request-Id: leaves-early'));
    await world.stripe.arrived(1);
    call.socket.destroy();

    await dropped.promise;
    expect(await world.gateway.logged((line) => line.requestId === 'leaves-early')).toMatchObject({ cutOff: true });
  });

  it('before it has begun, where Directus has not answered yet', async () => {
    const held = Promise.withResolvers<void>();
    world.directus.answerWith((request, response) => {
      held.promise.then(() => world.directus.answerAsDirectus(request, response));
    });
    const call = dial(world.gateway.port);
    call.send(
      head(`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${tokens.reader}`, 'X-Request-Id: leaves-first'),
    );
    await world.directus.arrived(1);
    call.socket.destroy();
    expect(await world.gateway.logged((line) => line.requestId === 'leaves-first')).toMatchObject({ cutOff: true });
    held.resolve();

    // The answer about the token is there for the next one by now.
    const next = dial(world.gateway.port);
    next.send(head(`GET ${customers}?next HTTP/1.1`, `Authorization: Bearer ${tokens.reader}`, 'Connection: close'));
    await next.closed;
    expect(world.stripe.seen.map(({ target }) => target)).toEqual(['/v1/customers?next']);
  });

  it('in the middle of the answer', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => {
      response.on('close', dropped.resolve).write('{"data":[1');
    });
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer));
    await call.until(/data/);
    call.socket.destroy();

    await dropped.promise;
  });

  it('in the middle of an upload', async () => {
    const dropped = Promise.withResolvers<void>();
    world.stripe.answerHeadWith((request) => {
      request.resume().on('close', dropped.resolve);
    });
    const call = dial(world.gateway.port);
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, 'Content-Type: text/plain', 'Content-Length: 9'));
    call.send('half');
    await world.stripe.arrived(1);
    call.socket.destroy();

    await dropped.promise;
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('or has never begun, when the body was still being read', async () => {
    const id = 'leaves-in-body';
    const call = dial(world.gateway.port);
    const lines = [
      'Content-Type: application/json',
      'Content-Length: 90',
      `X-Request-Id: ${id}`,
      'Expect: 100-continue',
    ];
    call.send(head(`POST /twilio/2010-04-01/Accounts/${accountSid}/Messages.json HTTP/1.1`, bearer, ...lines));
    await call.until(/100 Continue/);
    call.send('{"Body":');
    call.socket.destroySoon();

    const line = await world.gateway.logged(({ requestId, msg }) => requestId === id && msg === 'request');
    expect(line).toMatchObject({ cutOff: true });
    await fetch(`${world.gateway.url}/server/ping`); // whatever the gateway still had to say of the first is said
    expect(world.twilio.wire.received()).toBe('');
    expect(world.gateway.logs().includes('INTERNAL_SERVER_ERROR')).toBe(false);
  });
});
