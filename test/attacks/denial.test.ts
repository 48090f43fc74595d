import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { json } from '../world/answers.ts';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { type GatewayOptions, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { verdict } from '../world/verdict.ts';
import { accountSid, tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const customers = '/stripe/v1/customers';
const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
const bearer = `Authorization: Bearer ${tokens.admin}`;
const formType = 'Content-Type: application/x-www-form-urlencoded';
const start = async (options: GatewayOptions, more: Record<string, string> = {}) =>
  stopLater(await startGateway({ ...world.environment, ...more }, options));
const brief = await start({
  serverLimits: { headersMs: 150, requestMs: 400, checkMs: 50, bodyStillMs: 150 },
  limits: { upstream: { connectMs: 200, firstByteMs: 200, silenceMs: 200, totalMs: 400 } },
});
const emailOnly = 'canaryTokenEmailOnly';
const partial = { access: 'partial', fields: ['*'] };
world.directus.users.set(emailOnly, {
  id: 'user-email',
  permissions: { customers: { create: { access: 'full', fields: ['email', 'metadata'] } } },
});
const ofRows = 'canaryTokenOfRows';
world.directus.users.set(ofRows, {
  id: 'user-rows',
  permissions: { customers: { create: partial, read: partial } },
  rows: [{ id: 1, values: { stripe_id: 'cus_own' } }],
});
const post = (token: string, body: string, type = formType, target = customers, port = world.gateway.port) =>
  ask(
    port,
    [`POST ${target} HTTP/1.1`, `Authorization: Bearer ${token}`, type, `Content-Length: ${body.length}`],
    body,
  );
const lives = async (port = world.gateway.port) =>
  expect(await ask(port, ['GET /server/ping HTTP/1.1'])).toMatch(/pong$/);

describe('slow callers are ended in time, and others are served meanwhile', () => {
  it.each([
    ['headers that never end (Slowloris, CVE-2007-6750)', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: '],
    ['not even a request line', 'G'],
    ['a body that never comes (R.U.D.Y.)', head(`POST ${customers} HTTP/1.1`, bearer, formType, 'Content-Length: 99')],
    [
      'a body in chunks that stops',
      `${head(`POST ${customers} HTTP/1.1`, bearer, formType, 'Transfer-Encoding: chunked')}3\r\nabc\r\n`,
    ],
    [
      'a chunk whose size never ends',
      `${head(`POST ${customers} HTTP/1.1`, bearer, formType, 'Transfer-Encoding: chunked')}3`,
    ],
  ])('%s', async (_what, text) => {
    const call = dial(brief.port);
    call.send(text);
    await lives(brief.port);
    expect(statusOf(await call.closed)).toBe(408);
  });

  it('one byte of the headers at a time does not win time', async () => {
    const call = dial(brief.port);
    const drip = setInterval(() => call.send('a'), 20);
    call.send('GET / HTTP/1.1\r\nX-A: ');
    expect(statusOf(await call.closed.finally(() => clearInterval(drip)))).toBe(408);
  });
});

describe('too much of something is refused before anybody is asked', () => {
  it.each<[string, number, string[]]>([
    ['a header as large as a letter', 431, [`GET ${customers} HTTP/1.1`, `X-A: ${'a'.repeat(20_000)}`]],
    [
      'a flood of headers',
      431,
      [`GET ${customers} HTTP/1.1`, ...Array.from({ length: 5_000 }, (_, index) => `X-${index}: a`)],
    ],
    [
      'a token as long as the headers allow',
      431,
      [`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${'a'.repeat(20_000)}`],
    ],
    ['a long address', 414, [`GET ${customers}?a=${'a'.repeat(9_000)} HTTP/1.1`, bearer]],
    ['a thousand parameters', 414, [`GET ${customers}?${'ab=cd&'.repeat(1_500)} HTTP/1.1`, bearer]],
    ['ten thousand segments', 414, [`GET ${'/a'.repeat(5_000)} HTTP/1.1`, bearer]],
  ])('%s: %i', async (_what, status, lines) => {
    expect(statusOf(await ask(world.gateway.port, lines))).toBe(status);
    expect([world.directus.asked, world.stripe.wire.received()]).toEqual([[], '']);
  });

  it.each([
    ['declared', 'Content-Length: 2000000', ''],
    ['in chunks', 'Transfer-Encoding: chunked', `${'10000\r\n'}${'a'.repeat(65_536)}\r\n`.repeat(20)],
  ])('a body that must be read and is too large, %s', async (_what, framing, body) => {
    const call = dial(brief.port);
    call.send(head(`POST ${customers} HTTP/1.1`, `Authorization: Bearer ${emailOnly}`, formType, framing));
    call.send(body);
    await call.until(/413/);
    call.socket.destroy();
    expect(world.stripe.wire.received()).toBe('');
  });

  it('ten thousand bad tokens: Directus is asked about few of them', async () => {
    const gateway = await start(
      {},
      { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '20', RATE_LIMITER_DURATION: '5' },
    );
    const call = dial(gateway.port);
    for (let bad = 0; bad < 10_000; bad += 100) {
      call.send(
        Array.from({ length: 100 }, (_, index) =>
          head(`GET ${customers} HTTP/1.1`, `Authorization: Bearer canaryBad${bad + index}`),
        ).join(''),
      );
    }
    call.send(head('GET /server/ping HTTP/1.1', 'Connection: close'));
    const statuses = (await call.closed).match(/HTTP\/1\.1 \d{3}/g) ?? [];
    expect([statuses.length, new Set(statuses.slice(0, -1))]).toEqual([
      10_001,
      new Set(['HTTP/1.1 401', 'HTTP/1.1 429']),
    ]);
    expect(new Set(world.directus.asked.map(({ token }) => token)).size).toBeLessThanOrEqual(20);
  });
});

describe('a body that costs more than its bytes', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `metadata[k${index}]=1`).join('&');
  it.each<[string, number, string, string]>([
    [
      'brackets 200,000 deep, where each level would be looked at again',
      400,
      `metadata${'[a]'.repeat(200_000)}=1`,
      formType,
    ],
    ['brackets 21 deep', 400, `metadata${'[a]'.repeat(21)}=1`, formType],
    ['JSON 100,000 deep', 400, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'Content-Type: application/json'],
    ['lists 400,000 deep', 400, `{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, 'Content-Type: application/json'],
    ['a name that nearly matches, 500,000 long (ReDoS, CWE-1333)', 400, `${'a'.repeat(500_000)}!=1`, formType],
    ['brackets that nearly match', 400, `metadata${'[a'.repeat(200_000)}=1`, formType],
    ['300,000 separators', 200, '&'.repeat(300_000), formType],
    ['30,000 keys', 200, keys(30_000), formType],
    [
      '100,000 unlisted JSON keys',
      403,
      JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1]))),
      'Content-Type: application/json',
    ],
    ['one name 100,000 times', 400, 'email=a&'.repeat(100_000), formType],
  ])('%s: %i', async (_what, status, body, type) => {
    expect(statusOf(await post(emailOnly, body, type))).toBe(status);
    await lives();
  });

  it('30,000 customers in one request: Directus is not asked about any of them', async () => {
    const body = Array.from({ length: 30_000 }, (_, index) => `customer[${index}]=cus_${index}`).join('&');
    expect(verdict(await post(ofRows, body, formType, '/stripe/v1/payment_intents'))).toBe('403 FORBIDDEN');
    expect([world.directus.itemCalls, world.stripe.seen]).toEqual([[], []]);
  });

  it('a body in chunks of one byte arrives whole', async () => {
    const call = dial(world.gateway.port);
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, formType, 'Transfer-Encoding: chunked', 'Connection: close'));
    call.send(`${'1\r\na\r\n'.repeat(20_000)}0\r\n\r\n`);
    expect(statusOf(await call.closed)).toBe(200);
    expect(world.stripe.seen[0]?.body.length).toBe(20_000);
  });
});

describe('an upstream that costs more than its bytes', () => {
  const answers: [string, string, string, string | Buffer, Record<string, string>][] = [
    [
      'a gzip bomb, where links are read',
      messages,
      tokens.admin,
      gzipSync(Buffer.alloc(60_000_000, ' ')),
      { 'Content-Encoding': 'gzip' },
    ],
    [
      'a gzip bomb, where fields are cut',
      `${customers}/cus_1`,
      tokens.fields,
      gzipSync(Buffer.alloc(60_000_000, ' ')),
      { 'Content-Encoding': 'gzip' },
    ],
    ['more than is read', messages, tokens.admin, Buffer.alloc(11_000_000, ' '), {}],
    [
      'JSON that is cut, a million levels deep',
      `${customers}/cus_1`,
      tokens.fields,
      `{"email":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
      {},
    ],
    ['JSON that ends in the middle', `${customers}/cus_1`, tokens.fields, '{"id":', {}],
  ];
  it.each(answers)('%s: 502', async (_what, target, token, body, headers) => {
    const answer = (_request: unknown, response: import('node:http').ServerResponse) =>
      response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(body);
    world.stripe.answerWith(answer);
    world.twilio.answerWith(answer);
    const received = await ask(world.gateway.port, [`GET ${target} HTTP/1.1`, `Authorization: Bearer ${token}`]);
    expect(statusOf(received)).toBe(502);
    await lives();
  });

  it.each([
    ['links that never end', `{"url":${'"url":"'.repeat(100_000)}`],
    ['a link as long as the answer', `{"url":"${'a'.repeat(5_000_000)}"}`],
    ['a link of escapes alone', `{"url":"${'\\n'.repeat(2_000_000)}"}`],
    ['spaces after a name', `{${`"url"${' '.repeat(50)}`.repeat(100_000)}}`],
  ])('%s', async (_what, body) => {
    world.twilio.answerWith((_request, response) => response.setHeader('Content-Type', 'application/json').end(body));
    expect([200, 502]).toContain(statusOf(await ask(world.gateway.port, [`GET ${messages} HTTP/1.1`, bearer])));
    await lives();
  });

  it('a Link header of brackets that never close', async () => {
    world.stripe.answerWith((_request, response) => response.setHeader('Link', '<'.repeat(15_000)).end('{}'));
    expect(statusOf(await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]))).toBe(200);
  });

  it.each([
    ['the same page for ever', () => 'pi_1'],
    ['two pages in turn', (page: number) => `pi_${page % 2}`],
    ['seven pages in turn', (page: number) => `pi_${page % 7}`],
  ])('a list of %s is broken off', async (_what, idOf) => {
    let page = 0;
    world.stripe.answerWith((_request, response) => {
      page += 1;
      if (page > 200) json(response, 200, { object: 'list', data: [], has_more: false });
      else
        json(response, 200, { object: 'list', data: [{ id: idOf(page), object: 'payment_intent' }], has_more: true });
    });
    const received = await ask(world.gateway.port, ['GET /stripe/payments HTTP/1.1', bearer]);
    expect([page < 30, received.endsWith('0\r\n\r\n')]).toEqual([true, false]);
  });

  it.each<[string, string, (response: import('node:http').ServerResponse) => unknown]>([
    ['says nothing', '504', () => undefined],
    ['begins and stops', '200', (response) => response.writeHead(200).write('a')],
    [
      'sends a byte now and then, for ever',
      '200',
      async (response) => {
        response.writeHead(200);
        for (; !response.destroyed; await sleep(40)) response.write('a');
      },
    ],
  ])('one that %s is given up', async (_what, status, answer) => {
    world.stripe.answerWith((_request, response) => answer(response));
    const received = await ask(brief.port, [`GET ${customers} HTTP/1.1`, bearer]);
    expect(String(statusOf(received))).toBe(status);
    await lives(brief.port);
  });

  it('a caller who reads nothing does not keep an endless answer coming', async () => {
    const gone = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => {
      response.on('close', gone.resolve).writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    const call = dial(brief.port);
    call.socket.pause();
    call.send(head(`GET ${customers} HTTP/1.1`, bearer));
    await gone.promise;
    call.socket.destroy();
    await lives(brief.port);
  });
});
