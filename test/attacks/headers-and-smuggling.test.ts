import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, dial, head } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';
import { type Attack, carryOut, verdicts } from './attack.ts';

const stopLater = useStops();
const world = await useWorld();
const path = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;
const plain = 'Content-Type: text/plain';
const ping = head('GET /server/ping HTTP/1.1', 'Connection: close');
/** A request of another kind, where only a body should be. */
const hidden = head('DELETE /stripe/v1/customers/cus_1 HTTP/1.1', 'Authorization: Bearer canaryBodyHidden');
const full = { access: 'full', fields: ['*'] };
world.directus.users.set('canaryBodyHidden', { id: 'user-hidden', permissions: { customers: { delete: full } } });
/** What is sent has no `Connection: close`, so that what stays unread would be the next request; then comes a ping. */
const post = (...lines: string[]) => head(`POST ${path} HTTP/1.1`, bearer, plain, ...lines);
const get = (...lines: string[]) => head(`GET ${path} HTTP/1.1`, bearer, ...lines, 'Connection: close');
const chunked = 'Transfer-Encoding: chunked';

const refused = '400 INVALID_PAYLOAD';
const smuggling = 'portswigger.net/research/http-desync-attacks';

/** Two lengths, or one that can be read in two ways: the body is a request to one reader of it. */
const framings: readonly (readonly [string, readonly string[], string])[] = [
  ['Content-Length before Transfer-Encoding', ['Content-Length: 5', chunked], 'RFC 9112 section 6.3; CVE-2020-8287'],
  ['Transfer-Encoding before Content-Length', [chunked, 'Content-Length: 5'], 'RFC 9112 section 6.3'],
  ['chunked that is not last', ['Transfer-Encoding: chunked, identity'], 'CVE-2022-32215'],
  ['chunked on two lines, not last', [chunked, 'Transfer-Encoding: identity'], 'CVE-2022-32213'],
  ['a coding that only ends like chunked', ['Transfer-Encoding: xchunked'], smuggling],
  ['chunked in quotation marks', ['Transfer-Encoding: "chunked"'], smuggling],
  ['a vertical tab before chunked', ['Transfer-Encoding: \x0bchunked'], smuggling],
  ['a blank before the colon', ['Transfer-Encoding : chunked'], 'RFC 9112 section 5.1; CVE-2019-16869'],
  ['a tab before the colon', ['Content-Length: 5', 'Transfer-Encoding\t: chunked'], 'RFC 9112 section 5.1'],
  ['two lengths', ['Content-Length: 5', 'Content-Length: 0'], 'RFC 9112 section 6.3'],
  ['two lengths on one line', ['Content-Length: 5, 0'], 'RFC 9110 section 8.6'],
  ['a length with a sign', ['Content-Length: +5'], 'RFC 9110 section 8.6; CVE-2018-7159'],
  ['a negative length', ['Content-Length: -5'], 'RFC 9110 section 8.6'],
  ['a hexadecimal length', ['Content-Length: 0x5'], 'RFC 9110 section 8.6'],
  ['a length with a blank in it', ['Content-Length: 5 0'], 'CVE-2018-7159'],
  ['an empty length beside chunked', ['Content-Length:', chunked], 'CVE-2023-30589'],
  ['a length beyond 64 bits', ['Content-Length: 18446744073709551621'], 'CWE-190'],
  ['a null byte in a header', ['X-A: a\0b', 'Content-Length: 5'], 'RFC 9110 section 5.5'],
  ['a header without a name', [': chunked', 'Content-Length: 5'], 'CVE-2023-25725'],
  ['a line without a colon', ['Transfer-Encoding', 'Content-Length: 5'], 'RFC 9112 section 5'],
  ['a bare carriage return in a header', [`X-A: a\r${chunked}`, 'Content-Length: 5'], 'CVE-2023-30589'],
];

const bodies: readonly (readonly [string, string, string])[] = [
  ['a size that is no number', `zz\r\n`, 'RFC 9112 section 7.1'],
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n', 'RFC 9112 section 7.1'],
  ['a negative size', '-5\r\nhello\r\n0\r\n\r\n', 'RFC 9112 section 7.1'],
  ['a size beyond 64 bits', 'ffffffffffffffff5\r\nhello\r\n0\r\n\r\n', 'CVE-2013-2028'],
  ['a chunk that is longer than its size', '3\r\nhello\r\n0\r\n\r\n', 'RFC 9112 section 7.1'],
  ['a line feed within an extension', `5;a\nb\r\nhello\r\n0\r\n\r\n`, 'w4ke.info/2025/06/18/funky-chunks.html'],
  ['a carriage return within an extension', `5;a\rb\r\nhello\r\n0\r\n\r\n`, 'w4ke.info/2025/06/18/funky-chunks.html'],
  ['chunks that end in a bare line feed', '5\nhello\n0\n\n', 'CVE-2022-32214'],
  ['extensions without end', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`, 'CVE-2024-22019'],
];

const versions: readonly (readonly [string, string])[] = [
  [`GET ${path}`, 'RFC 9112 appendix C.1 (HTTP/0.9)'],
  [`GET ${path} HTTP/2.0`, 'RFC 9112 section 2.3'],
  [`GET ${path} HTTP/1.10`, 'RFC 9112 section 2.3'],
  [`GET ${path} http/1.1`, 'RFC 9112 section 2.3'],
  [`GET ${path} HTTP/1.1 HTTP/1.1`, 'RFC 9112 section 3'],
  [`GET\t${path}\tHTTP/1.1`, 'RFC 9112 section 3'],
  [`get ${path} HTTP/1.1`, 'RFC 9110 section 9.1'],
  ['PRI * HTTP/2.0', 'RFC 9113 section 3.4'],
];

const attacks: readonly Attack[] = [
  ...framings.map(
    ([name, lines, source]): Attack => ({
      name,
      sends: `${post(...lines)}0\r\n\r\n${hidden}${ping}`,
      gets: refused,
      source,
    }),
  ),
  ...versions.map(([line, source]): Attack => ({ name: line, sends: head(line, bearer), gets: refused, source })),
  {
    name: 'a header that goes on in the next line (obs-fold)',
    sends: `${post('X-A: 1\r\n Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${ping}`,
    gets: [refused, '200, 200'],
    sees: [],
    source: 'RFC 9112 section 5.2',
  },
  {
    name: 'lines that end in a bare line feed',
    sends: `GET ${path} HTTP/1.1\nHost: gateway.test\n${bearer}\nConnection: close\n\n`,
    gets: refused,
    source: 'RFC 9112 section 2.2; CVE-2022-32214',
  },
  {
    name: 'no Host',
    sends: `GET ${path} HTTP/1.1\r\n${bearer}\r\n\r\n`,
    gets: ['400', refused],
    source: 'RFC 9112 section 3.2',
  },
  ...[
    ['Transfer_Encoding: chunked', 'Content_Length: 0'],
    ['Transfer-Encoding_: chunked', '_Content-Length: 0'],
    ['Transfer.Encoding: chunked', 'X-Transfer-Encoding: chunked'],
  ].map(
    (lines): Attack => ({
      name: `${lines.join(' and ')}, which some readers take for what they look like`,
      sends: `${post('Content-Length: 5', ...lines)}hello${ping}`,
      gets: '200, 200',
      sees: ['POST /v1/customers hello'],
      source: 'nginx.org underscores_in_headers',
    }),
  ),
  {
    name: 'a length behind more headers than Node counts by itself',
    sends: `${post(...Array<string>(2_200).fill('a:b'), 'Content-Length: 5')}hello${ping}`,
    gets: '200, 200',
    sees: ['POST /v1/customers hello'],
    source: 'nodejs.org server.maxHeadersCount',
  },
  {
    name: 'chunks in HTTP/1.0, which has none, on a connection that is kept',
    sends: `${head(`POST ${path} HTTP/1.0`, bearer, plain, chunked, 'Connection: keep-alive')}5\r\nhello\r\n0\r\n\r\n${hidden}${ping}`,
    gets: refused,
    source: 'RFC 9112 section 6.1',
  },
  {
    name: 'a GET whose body is a request',
    sends: `${head(`GET ${path} HTTP/1.1`, bearer, plain, `Content-Length: ${hidden.length}`)}${hidden}${ping}`,
    gets: '200, 200',
    sees: [`GET /v1/customers ${hidden.trim()}`],
    source: 'RFC 9110 section 9.3.1',
  },
  {
    name: 'a refused request whose unread body is a request',
    sends: `${head(`POST ${path} HTTP/1.1`, plain, `Content-Length: ${hidden.length}`)}${hidden}${ping}`,
    gets: ['401 INVALID_CREDENTIALS', '401 INVALID_CREDENTIALS, 200'],
    source: 'portswigger.net/research/browser-powered-desync-attacks (CL.0)',
  },
  {
    name: 'a method that is refused, whose unread body is a request',
    sends: `${head(`TRACE ${path} HTTP/1.1`, bearer, `Content-Length: ${hidden.length}`)}${hidden}${ping}`,
    gets: [refused, '405 METHOD_NOT_ALLOWED', '405 METHOD_NOT_ALLOWED, 200'],
    source: 'portswigger.net/research/browser-powered-desync-attacks (CL.0)',
  },
  {
    name: 'the gateway’s own route with a body that is a request',
    sends: `${head('GET /server/ping HTTP/1.1', `Content-Length: ${hidden.length}`)}${hidden}${ping}`,
    gets: ['200', '200, 200'],
    source: 'portswigger.net/research/browser-powered-desync-attacks (CL.0)',
  },
  {
    name: 'an expectation nobody waits for, with a body that is a request',
    sends: `${head(`POST ${path} HTTP/1.1`, plain, 'Expect: 100-continue', `Content-Length: ${hidden.length}`)}${hidden}`,
    gets: '401 INVALID_CREDENTIALS',
    source: 'portswigger.net/research/http1-must-die (0.CL by Expect)',
  },
  {
    name: 'an Expect that is odd',
    sends: `${post('Expect: y 100-continue', 'Content-Length: 5')}hello${ping}`,
    gets: ['200', '200, 200'],
    sees: ['POST /v1/customers hello'],
    source: 'portswigger.net/research/http1-must-die (obfuscated Expect)',
  },
  {
    name: 'trailers that look like headers',
    sends: `${post(chunked, 'Trailer: Authorization')}5\r\nhello\r\n0\r\nAuthorization: Bearer x\r\nStripe-Account: acct_1\r\n\r\n${ping}`,
    gets: '200, 200',
    sees: ['POST /v1/customers hello'],
    source: 'RFC 9110 section 6.5.1',
  },
  {
    name: 'chunk extensions',
    sends: `${post(chunked)}5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n${ping}`,
    gets: '200, 200',
    sees: ['POST /v1/customers hello'],
    source: 'RFC 9112 section 7.1.1',
  },
  {
    name: 'an offer of cleartext HTTP/2',
    sends: `${head(`GET ${path} HTTP/1.1`, bearer, 'Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA')}${ping}`,
    gets: '200',
    sees: ['GET /v1/customers'],
    source: 'bishopfox.com h2c-smuggling; RFC 9110 section 7.8',
  },
  {
    name: 'an offer of a WebSocket',
    sends: head(`GET ${path} HTTP/1.1`, bearer, 'Connection: Upgrade, close', 'Upgrade: websocket') + ping,
    gets: refused,
    source: 'github.com/0ang3el/websocket-smuggle',
  },
  {
    name: 'an offer of h2c or a WebSocket',
    sends: head(`GET ${path} HTTP/1.1`, bearer, 'Connection: Upgrade, close', 'Upgrade: h2c, websocket') + ping,
    gets: refused,
    source: 'bishopfox.com h2c-smuggling',
  },
  {
    name: 'headers in which some servers look for the method',
    sends: get('X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'),
    gets: '200',
    sees: ['GET /v1/customers'],
    source: 'CWE-650',
  },
  {
    name: 'headers in which some servers look for the path',
    sends: get('X-Original-URL: /v1/balance', 'X-Rewrite-URL: /v1/balance', 'X-Forwarded-Prefix: /v1/balance'),
    gets: '200',
    sees: ['GET /v1/customers'],
    source: 'CVE-2018-14773',
  },
  {
    name: 'headers in which some servers look for the account or the caller',
    sends: get('Stripe-Account: acct_1', 'X-Remote-User: admin', 'X-Forwarded-Authorization: x', 'Client-Cert: :AA==:'),
    gets: '200',
    sees: ['GET /v1/customers'],
    source: 'RFC 9440 section 4',
  },
  ...['authorization', 'host', 'content-length', 'content-length, transfer-encoding', 'content-type, cookie'].map(
    (options): Attack => ({
      name: `Connection: ${options}`,
      sends: `${post('Content-Length: 5', `Connection: ${options}`)}hello${ping}`,
      gets: ['200, 200', '200'],
      sees: ['POST /v1/customers hello'],
      source: 'RFC 9110 section 7.6.1; nathandavison.com/blog/abusing-http-hop-by-hop-request-headers',
    }),
  ),
];

const known = [
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
];

describe('what a caller sends', () => {
  afterEach(() => {
    for (const { rawHeaders, headers } of world.stripe.seen) {
      const names = rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase());
      expect(names.filter((name) => !known.includes(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      expect([headers['content-length'], headers['transfer-encoding']]).toContain(undefined);
      expect(headers.authorization).toBe(`Bearer ${secrets.stripeKey}`);
    }
    expect(world.stripe.wire.received()).not.toMatch(/acct_1|Bearer x/);
  });
  carryOut(world, attacks);

  it.each(bodies)('in chunks: %s (%s)', async (_name, body) => {
    let isWhole = false;
    world.stripe.answerHeadWith((request, response) => {
      request.on('end', () => {
        isWhole = true;
        response.end();
      });
      request.resume();
    });
    const call = dial(world.gateway.port);
    call.send(`${post(chunked)}${body}${hidden}`);
    const received = await call.closed;

    expect(verdicts(received)).not.toMatch(/^200/);
    expect(isWhole).toBe(false);
    expect(world.stripe.seen.map(({ method }) => method).filter((method) => method !== 'POST')).toEqual([]);
  });
});

/** What an upstream says, as it is written; `SMUGGLED` must never be part of anybody's answer. */
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nSMUGGLED';
const answers: readonly (readonly [string, string, readonly string[], string])[] = [
  [
    'Content-Length and Transfer-Encoding',
    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${chunked}\r\n\r\n0\r\n\r\n${poison}`,
    ['502 UPSTREAM_UNREACHABLE', '200'],
    'RFC 9112 section 6.3',
  ],
  [
    'another answer behind the answer',
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${poison}`,
    ['200', '502 UPSTREAM_UNREACHABLE'],
    'portswigger.net response queue poisoning',
  ],
  [
    'another answer behind the last chunk',
    `HTTP/1.1 200 OK\r\n${chunked}\r\n\r\n2\r\nok\r\n0\r\n\r\n${poison}`,
    ['200', '502 UPSTREAM_UNREACHABLE'],
    'portswigger.net response queue poisoning',
  ],
  [
    'a body where there can be none (204)',
    `HTTP/1.1 204 No Content\r\n\r\n${poison}`,
    ['204', '502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 15.3.5',
  ],
  [
    'a body where there can be none (304)',
    `HTTP/1.1 304 Not Modified\r\nContent-Length: 8\r\n\r\n${poison}`,
    ['304', '502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 15.4.5',
  ],
  [
    'two lengths',
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 80\r\n\r\nok${poison}`,
    ['502 UPSTREAM_UNREACHABLE'],
    'RFC 9112 section 6.3',
  ],
  [
    'a length that is negative',
    `HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok${poison}`,
    ['502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 8.6',
  ],
  [
    'a bare carriage return in a header',
    `HTTP/1.1 200 OK\r\nX-A: a\rSet-Cookie: canaryCookie=1\r\nContent-Length: 2\r\n\r\nok`,
    ['502 UPSTREAM_UNREACHABLE'],
    'CWE-113',
  ],
  [
    'a null byte in a header',
    `HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok`,
    ['502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 5.5',
  ],
  [
    'cookies and framing among the trailers',
    `HTTP/1.1 200 OK\r\nTrailer: Set-Cookie\r\n${chunked}\r\n\r\n2\r\nok\r\n0\r\nSet-Cookie: canaryCookie=1\r\nContent-Length: 99\r\n\r\n`,
    ['200'],
    'RFC 9110 section 6.5.1',
  ],
  [
    'a thousand interim answers',
    `${'HTTP/1.1 103 Early Hints\r\nSet-Cookie: canaryCookie=1\r\n\r\n'.repeat(1_000)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
    ['200', '502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 15.2',
  ],
  [
    'a protocol that nobody has asked for',
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n${poison}`,
    ['502 UPSTREAM_UNREACHABLE'],
    'RFC 9110 section 15.2.2',
  ],
  ['no HTTP at all (HTTP/0.9)', 'SMUGGLED', ['502 UPSTREAM_UNREACHABLE'], 'RFC 9112 appendix C.1'],
];

describe('what an upstream answers', () => {
  const asked = () => ask(world.gateway.port, [`GET ${path} HTTP/1.1`, bearer]);

  it.each(answers)('%s', async (_name, bytes, gets) => {
    let isFirst = true;
    world.stripe.answerWith((request, response) => {
      if (isFirst) {
        request.socket.write(Buffer.from(bytes, 'latin1'));
        setTimeout(() => request.socket.destroy(), 50); // nothing more can be answered on it
      } else response.end('own');
      isFirst = false;
    });
    const first = await asked();
    const others = await Promise.all([asked(), asked()]);

    expect(gets).toContain(verdicts(first));
    expect(first).not.toContain('SMUGGLED');
    expect(first).not.toMatch(/^set-cookie/im);
    for (const other of others) expect(other).toMatch(/^HTTP\/1\.1 200 [\s\S]*own/);
  });

  it('an answer that nobody has asked for, on a connection that is kept (response queue poisoning)', async () => {
    world.stripe.answerWith((request, response) => {
      response.end('own', () => setTimeout(() => request.socket.write(poison), 30));
    });
    await asked();
    await new Promise((resolve) => setTimeout(resolve, 120));
    world.stripe.answerWith((_request, response) => response.end('own'));
    const [second, third] = [await asked(), await asked()];

    for (const received of [second, third]) {
      expect(received).not.toContain('SMUGGLED');
      expect(received).toMatch(/^HTTP\/1\.1 200 [\s\S]*own/);
    }
  });

  it('interim answers without end do not keep a caller waiting beyond the first byte’s time (ours)', async () => {
    const limits = { upstream: { firstByteMs: 300 } };
    const gateway = stopLater(await startGateway(world.environment, { limits }));
    world.stripe.answerWith((request, response) => {
      const hint = setInterval(() => request.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      response.on('close', () => clearInterval(hint));
    });

    expect(verdicts(await ask(gateway.port, [`GET ${path} HTTP/1.1`, bearer]))).toBe('504 UPSTREAM_TIMEOUT');
  });
});
