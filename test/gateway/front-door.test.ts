import { once } from 'node:events';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { bodyOf, verdict } from '../world/verdict.ts';

const [directus, stripe] = [await startRecordingUpstream(), await startRecordingUpstream()];
const environment = {
  DIRECTUS_URL: directus.origin,
  FRONT_DOOR: 'true',
  STRIPE_LIVE_SECRET_KEY: 'sk_test_x',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  STRIPE_API_URL: stripe.origin,
  CORS_ENABLED: 'true',
  CORS_ORIGIN: 'https://other.test',
};
const started: RunningGateway[] = [];
async function another(more: Record<string, string> = {}, options: GatewayOptions = {}): Promise<RunningGateway> {
  const gateway = await startGateway({ ...environment, ...more }, options);
  started.push(gateway);
  const isHere = more.DIRECTUS_URL?.startsWith(directus.origin) ?? true;
  if (isHere) await directus.arrived(1); // the gateway asks which version it is
  directus.reset();
  return gateway;
}
const gateway = await another();
const caller = supertest(gateway.url);

beforeEach(() => {
  directus.reset();
  stripe.reset();
});
afterAll(async () => {
  for (const each of started) await each.stop();
  await Promise.all([directus.stop(), stripe.stop()]);
});

/** The lines that Directus was sent, without those that name the connection. */
const linesSeen = (): string[] => {
  const { rawHeaders = [] } = directus.seen[0] ?? {};
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return lines.filter((line) => !/^(host|connection):/i.test(line));
};

const fromHere = ['x-forwarded-for: 127.0.0.1', 'x-forwarded-proto: http', 'x-forwarded-host: gateway.test'];

describe('what no upstream and no route of the gateway claims', () => {
  it('reaches Directus with tokens, cookies and every other header as they came', async () => {
    const lines = [
      'Authorization: Bearer canaryToken',
      'Cookie: directus_session_token=canary; theme="a b"; x=%20',
      'Origin: https://gateway.test',
      'Sec-Fetch-Site: same-origin',
      'Accept: text/html, */*;q=0.8',
      'X-Custom: one',
      'X-Custom: two',
      'If-None-Match: "abc"',
      'Range: bytes=0-1',
    ];
    await ask(gateway.port, ['GET /items/articles?access_token=t&filter[a][_eq]=%2F&& HTTP/1.1', ...lines]);

    expect(directus.seen).toHaveLength(1);
    expect(directus.seen[0]?.target).toBe('/items/articles?access_token=t&filter[a][_eq]=%2F&&');
    expect(linesSeen()).toEqual([...lines.map((line) => line.replace(/^[^:]+/, lower)), ...fromHere]);
    expect(directus.seen[0]?.headers.host).toBe(new URL(directus.origin).host);
  });

  it.each([
    '/',
    '/items/%61%2Fb/..%2f../%00;x?a=%zz',
    '//double//slash/',
    '/a/../b/./c',
    '/back\\slash',
    '/Stripe/v1/customers',
    '/%73tripe/v1/customers',
    '/server/ping/',
    '/server/info',
    '/?',
  ])('reaches Directus by the very path %s', async (target) => {
    await ask(gateway.port, [`GET ${target} HTTP/1.1`]);

    expect(directus.seen.map((seen) => seen.target)).toEqual([target]);
  });

  it.each([
    ['/stripe', 404],
    ['/stripe/unknown', 401],
    ['/server/ping', 200],
    ['/gateway/anything', 404],
    ['http://evil.test/items', 400],
    ['*', 400],
  ])('is not %s, of which Directus hears nothing', async (target, status) => {
    const received = await ask(gateway.port, [`${target === '*' ? 'OPTIONS' : 'GET'} ${target} HTTP/1.1`]);

    expect(statusOf(received)).toBe(status);
    expect(directus.seen).toEqual([]);
    expect(stripe.wire.received()).toBe('');
  });

  it('is nothing on the host name of an upstream, WebSockets included', async () => {
    const config = `
upstreams:
  shop:
    origin: ${stripe.origin}
    plaintext: loopback
    hostnames: [shop.test]
    credential: { bearer: "\${SHOP_KEY}" }
    rules: [{ path: /*, collection: customers }]
`;
    const shop = await another({ SHOP_KEY: 'key' }, { config });
    const call = async (host: string, ...lines: string[]) => {
      const dialled = dial(shop.port);
      const from = ['GET /websocket HTTP/1.1', `Host: ${host}`, ...lines];
      dialled.send(`${from.join('\r\n')}\r\n\r\n`);
      return statusOf(await dialled.closed);
    };

    expect(await call('shop.test', 'Connection: close')).toBe(401);
    expect(await call('SHOP.test:8056', 'Connection: close')).toBe(401);
    expect(await call('shop.test', 'Connection: close, Upgrade', 'Upgrade: websocket')).toBe(400);
    expect(directus.seen).toEqual([]);
    expect(await call('gateway.test', 'Connection: close')).toBe(200);
  });

  it('keeps what belongs to the caller’s connection from Directus', async () => {
    const lines = [
      'Connection: close, X-Mine, Cookie, Content-Length',
      'X-Mine: 1',
      'Cookie: a=1',
      'Keep-Alive: timeout=5',
      'Proxy-Authorization: Basic eA==',
      'Proxy-Connection: x',
      'TE: trailers',
      'Trailer: X',
      'Upgrade: websocket',
      'Content-Type: text/plain',
      'Content-Length: 3',
    ];
    const call = dial(gateway.port);
    call.send(`${head('POST /items/a HTTP/1.1', ...lines)}abc`);
    await call.closed;

    expect(linesSeen()).toEqual(['content-type: text/plain', 'content-length: 3', ...fromHere]);
    expect(directus.seen[0]?.body).toBe('abc');
  });

  it('says who asks and where, and not what the caller claims of that', async () => {
    const lies = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Host: evil.test', 'X-Forwarded-Proto: https', 'Forwarded: for=6.6.6.6', 'X-Real-IP: 6.6.6.6', 'X-Forwarded-Port: 1', 'X-Forwarded-Prefix: /evil']; // biome-ignore format: a list
    await ask(gateway.port, ['GET / HTTP/1.1', ...lies]);

    expect(linesSeen()).toEqual(fromHere);
  });

  it('says what a trusted proxy says', async () => {
    const trusting = await another({ IP_TRUST_PROXY: 'loopback' });
    const said = ['X-Forwarded-For: 6.6.6.6, 203.0.113.7', 'X-Forwarded-Host: example.com', 'X-Forwarded-Proto: https'];
    await ask(trusting.port, ['GET / HTTP/1.1', ...said]);

    expect(linesSeen()).toEqual([
      'x-forwarded-for: 203.0.113.7',
      'x-forwarded-proto: https',
      'x-forwarded-host: example.com',
    ]);
  });

  it.each(['', '/'])('goes below the path of DIRECTUS_URL (final "%s")', async (final) => {
    const below = await another({ DIRECTUS_URL: `${directus.origin}/cms/v1${final}` });
    for (const target of ['/', '/items/a?b=/']) await ask(below.port, [`GET ${target} HTTP/1.1`]);

    expect(directus.seen.map((seen) => seen.target)).toEqual(['/cms/v1/', '/cms/v1/items/a?b=/']);
  });

  it.each(['SEARCH', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'])('keeps its method %s and its body', async (method) => {
    const body = '{"query":{}}';
    const lines = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    await ask(gateway.port, [`${method} /items/a HTTP/1.1`, ...lines], `c\r\n${body}\r\n0\r\n\r\n`);

    expect(directus.seen[0]).toMatchObject({ method, body });
  });

  it('has no limit of the gateway’s on its body, which is streamed', async () => {
    const size = 40 * 1_024 ** 2;
    await caller.post('/files').set('Content-Type', 'application/octet-stream').send(Buffer.alloc(size, 7));

    expect(directus.seen[0]?.bytes.length).toBe(size);
  });
});

describe('Directus’ answer', () => {
  it('comes back as it is, each cookie and policy of it, with nothing of the gateway’s but X-Request-Id', async () => {
    directus.answerWith((_request, response) => {
      response.writeHead(302, [
        ...['Set-Cookie', 'a=1; HttpOnly; SameSite=Lax', 'Set-Cookie', 'b=2', 'Location', 'http://x/?a=%2F'],
        ...['Content-Security-Policy', "script-src 'self'", 'Access-Control-Allow-Origin', 'https://app.test'],
        ...['Vary', 'Origin', 'X-Powered-By', 'Directus', 'X-Request-Id', 'theirs', 'ETag', 'W/"1"'],
        ...['Connection', 'X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=9', 'Date', 'Mon', 'Content-Length', '2'],
      ]);
      response.end('hi');
    });
    const received = await ask(gateway.port, ['GET /a HTTP/1.1', 'Origin: https://other.test', 'X-Request-Id: mine']);

    expect(received.split('\r\n')).toEqual([
      'HTTP/1.1 302 Found',
      'X-Request-Id: mine',
      'Set-Cookie: a=1; HttpOnly; SameSite=Lax',
      'Set-Cookie: b=2',
      'Location: http://x/?a=%2F',
      "Content-Security-Policy: script-src 'self'",
      'Access-Control-Allow-Origin: https://app.test',
      'Vary: Origin',
      'X-Powered-By: Directus',
      'ETag: W/"1"',
      'Date: Mon',
      'Content-Length: 2',
      'Connection: close',
      '',
      'hi',
    ]);
  });

  it.each([401, 403, 404, 500, 503])('is not replaced when it is an error: %s', async (status) => {
    directus.answerWith((_request, response) => response.writeHead(status).end('{"errors":[]}'));

    const { status: got, text } = await caller.get('/items/a').buffer(true);
    expect([got, text]).toEqual([status, '{"errors":[]}']);
  });

  it.each([
    ['HEAD', 200, { 'Content-Length': '5' }],
    ['GET', 204, {}],
    ['GET', 304, { ETag: '"a"' }],
  ])('to %s with %s has no body, and the connection goes on', async (method, status, headers) => {
    directus.answerWith((_request, response) => response.writeHead(status, headers).end());
    const call = dial(gateway.port);
    call.send(head(`${method} /assets/a HTTP/1.1`));
    await call.until(/\r\n\r\n$/);
    directus.reset();
    call.send(head('GET /next HTTP/1.1', 'Connection: close'));
    const received = await call.closed;

    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const [name, value] of Object.entries(headers)) expect(received).toContain(`${name}: ${value}\r\n`);
    expect(bodyOf(received.slice(received.indexOf('HTTP', 1)))).toEqual({ ok: true });
  });

  it('begins for the caller when it begins for the gateway', async () => {
    directus.answerWith((_request, response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()); // biome-ignore format: one thing
    const call = dial(gateway.port);
    call.send(head('GET /events HTTP/1.1'));

    expect(await call.until(/event-stream[\s\S]*\r\n\r\n/)).toContain('200 OK');
    call.socket.destroy();
  });

  it('waits for a caller who reads slowly, and so does Directus', async () => {
    let written = 0;
    directus.answerWith((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (written < 200 * 1_024 ** 2) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    });
    const call = dial(gateway.port);
    call.socket.pause();
    call.send(head('GET /assets/big HTTP/1.1'));
    await directus.arrived(1);
    await new Promise((done) => setTimeout(done, 500));

    expect(written).toBeLessThan(30 * 1_024 ** 2);
    call.socket.destroy();
  });

  it.each([
    ['with a length', { 'Content-Length': '100' }],
    ['in chunks', {}],
  ])('that is cut off %s breaks the caller’s connection, and nothing is added to it', async (how, headers) => {
    directus.answerWith((request, response) => {
      response.writeHead(200, headers).write('part', () => setTimeout(() => request.socket.resetAndDestroy(), 50));
    });
    const call = dial(gateway.port);
    call.send(head('GET /a HTTP/1.1', `X-Request-Id: cut-${how.replaceAll(' ', '-')}`));
    const received = await call.closed;

    expect(received).toMatch(/part(\r\n)?$/);
    expect(received).not.toMatch(/\r\n0\r\n|errors/);
    expect(
      await gateway.logged(
        ({ requestId, msg }) => requestId === `cut-${how.replaceAll(' ', '-')}` && msg === 'request',
      ),
    ).toMatchObject({ cutOff: true });
  });
});

describe('while Directus', () => {
  const unavailable = '503 SERVICE_UNAVAILABLE';

  it('cannot be reached, the caller hears so in Directus’ form', async () => {
    const gone = await startRecordingUpstream();
    await gone.stop();
    const alone = await another({ DIRECTUS_URL: gone.origin });
    const received = await ask(alone.port, ['GET /items/a HTTP/1.1', 'X-Request-Id: alone']);

    expect(verdict(received)).toBe(unavailable);
    expect(received).toContain('X-Request-Id: alone');
    expect(received).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    const line = await alone.logged(({ requestId, msg }) => requestId === 'alone' && msg === 'request');
    expect(line).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', upstream: 'directus', path: '/items/a' });
  });

  it('does not begin to answer in time, likewise', async () => {
    const impatient = await another({}, { limits: { frontDoorMs: 50 } });
    directus.answerWith(() => undefined);

    expect(verdict(await ask(impatient.port, ['GET /items/a HTTP/1.1']))).toBe(unavailable);
  });

  it.each([
    ['breaks off before it answers', (socket: NodeJS.WritableStream) => socket.end()],
    ['does not speak HTTP', (socket: NodeJS.WritableStream) => socket.end('SSH-2.0\r\n\r\n')],
    ['changes the protocol unasked', (socket: NodeJS.WritableStream) => socket.write('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')], // biome-ignore format: a table
  ])('%s, likewise', async (_what, answer) => {
    directus.answerWith((request) => answer(request.socket));

    expect(verdict(await ask(gateway.port, ['GET /items/a HTTP/1.1']))).toBe(unavailable);
  });

  it('works, a caller who leaves ends Directus’ work', async () => {
    const gone = Promise.withResolvers<void>();
    directus.answerWith((_request, response) => response.on('close', gone.resolve));
    const call = dial(gateway.port);
    call.send(head('GET /utils/export HTTP/1.1', 'X-Request-Id: left'));
    await directus.arrived(1);
    call.socket.resetAndDestroy();

    await gone.promise;
    expect(await gateway.logged(({ requestId }) => requestId === 'left')).toMatchObject({ cutOff: true, level: 30 });
  });
});

describe('an upload', () => {
  it('that waits for 100 Continue is invited and reaches Directus, token and all', async () => {
    const call = dial(gateway.port);
    const lines = [
      'Authorization: Bearer canaryToken',
      'Expect: 100-continue',
      'Content-Length: 3',
      'Connection: close',
    ];
    call.send(head('POST /files HTTP/1.1', 'Connection: close', ...lines));
    await call.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    call.send('abc');

    expect(statusOf(await call.closed)).toBe(200);
    expect(directus.seen[0]?.body).toBe('abc');
    expect(linesSeen()).toEqual(['authorization: Bearer canaryToken', 'content-length: 3', ...fromHere]);
  });

  it('waits while Directus does not read, and so does the caller', async () => {
    directus.answerHeadWith(() => undefined); // never reads
    const call = dial(gateway.port);
    call.send(`${head('POST /files HTTP/1.1', 'Content-Length: 1000000000')}abc`);
    await directus.arrived(1);
    const chunk = Buffer.alloc(1_024 ** 2);
    let sent = 0;
    const pump = () => {
      while (sent < 200 && call.socket.write(chunk)) sent += 1;
    };
    call.socket.on('drain', pump);
    pump();
    await new Promise((done) => setTimeout(done, 500));

    expect(sent).toBeLessThan(30);
    call.socket.destroy();
  });

  it('that the caller breaks off never looks complete to Directus', async () => {
    const end = Promise.withResolvers<string>();
    directus.answerHeadWith((request) => {
      request.on('error', () => end.resolve('broken')).on('end', () => end.resolve('complete'));
      request.resume();
    });
    const call = dial(gateway.port);
    call.send(`${head('POST /files HTTP/1.1', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`);
    await directus.arrived(1);
    call.socket.destroy();

    expect(await end.promise).toBe('broken');
  });

  it('has what Directus says of it before it is complete', async () => {
    directus.answerHeadWith((_request, response) => response.writeHead(413).end('{"errors":[]}'));
    const call = dial(gateway.port);
    call.send(`${head('POST /files HTTP/1.1', 'Content-Length: 1000000')}abc`);
    await call.until(/413/);
    call.socket.destroy();
  });
});

it('without FRONT_DOOR, Directus hears nothing, and upgrades are refused', async () => {
  const closed = await another({ FRONT_DOOR: 'false' });
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
  const call = dial(closed.port);
  call.send(head('GET /websocket HTTP/1.1', ...upgrade));
  await call.until(/Upgrades are not supported/);
  call.socket.destroy();

  expect(statusOf(await ask(closed.port, ['GET /items/a HTTP/1.1']))).toBe(404);
  expect(directus.seen.filter(({ target }) => /items|websocket/.test(target))).toEqual([]);
});

it('a gateway that is told to stop lets an answer of Directus end', async () => {
  const stopping = await another();
  const rest = Promise.withResolvers<() => void>();
  directus.answerWith((_request, response) => {
    response.write('[1');
    rest.resolve(() => response.end(',2]'));
  });
  const call = dial(stopping.port);
  call.send(head('GET /items/a HTTP/1.1', 'Connection: close'));
  await call.until(/\[1/);
  stopping.closeTunnels(0);
  const closed = once(stopping.server, 'close');
  stopping.server.close();
  (await rest.promise)();

  expect(await call.closed).toMatch(/,2\]\r\n0\r\n\r\n$/);
  await closed;
});

const lower = (name: string): string => name.toLowerCase();
