import { describe, expect, it } from '@jest/globals';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const bearer = `Authorization: Bearer ${tokens.admin}`;
const target = '/stripe/v1/customers';
const nothing = () => expect([world.directus.asked, world.stripe.wire.received()]).toEqual([[], '']);

describe('a method that stands for no action is refused with 405, and neither Directus nor the upstream hears of it', () => {
  it.each([
    ['TRACE', 'would hand back the gateway’s credential'],
    ['OPTIONS', 'no preflight'],
    ['PROPFIND', 'known to Node, to no action'],
    ['QUERY', 'reads, but nobody has said so here'],
    ['LINK', 'known to Node, to no action'],
    ['PURGE', 'known to Node, to no action'],
    ['SEARCH', 'Directus has it, the upstreams do not'],
  ])('%s: %s', async (method) => {
    const received = await ask(world.gateway.port, [`${method} ${target} HTTP/1.1`, bearer]);

    expect(statusOf(received)).toBe(405);
    expect(received).toMatch(/^Allow: GET, HEAD, POST, PUT, PATCH, DELETE\r$/im);
    expect(received).toContain('"code":"METHOD_NOT_ALLOWED"');
    nothing();
  });

  it.each([['OPTIONS * HTTP/1.1'], ['TRACE / HTTP/1.1']])('%s', async (line) => {
    expect(statusOf(await ask(world.gateway.port, [line, bearer]))).toBe(405);
    nothing();
  });

  it.each([['api.stripe.com:443'], ['127.0.0.1:22'], ['/stripe/v1/customers']])('CONNECT %s', async (authority) => {
    const call = dial(world.gateway.port);
    call.send(`${head(`CONNECT ${authority} HTTP/1.1`, bearer)}GET / HTTP/1.1\r\nHost: inside\r\n\r\n`);
    const received = await call.closed;

    expect(received.match(/^HTTP\/1\.1 .*/gm)).toEqual(['HTTP/1.1 405 Method Not Allowed']);
    nothing();
  });

  it.each([
    ['FOO', 'unknown to Node'],
    ['get', 'in lower case'],
    ['GETX', 'begins with a known one'],
  ])('%s is no HTTP to Node (400): %s', async (method) => {
    expect(statusOf(await ask(world.gateway.port, [`${method} ${target} HTTP/1.1`, bearer]))).toBe(400);
    nothing();
  });

  it.each([['X-HTTP-Method-Override'], ['X-HTTP-Method'], ['X-Method-Override']])(
    '%s changes nothing: the method decides and the header stays here',
    async (header) => {
      const reader = `Authorization: Bearer ${tokens.reader}`;
      await ask(world.gateway.port, [`GET ${target} HTTP/1.1`, reader, `${header}: DELETE`]);

      expect(world.stripe.seen.map(({ method }) => method)).toEqual(['GET']);
      expect(world.stripe.seen[0]?.headers).not.toHaveProperty(header.toLowerCase());
    },
  );
});

describe('a connection does not become anything else', () => {
  it.each([['websocket'], ['WebSocket'], ['TLS/1.2'], ['h2c, websocket'], ['connect-udp']])(
    'Upgrade: %s is refused with 400, and nobody hears of it',
    async (protocol) => {
      const received = await ask(world.gateway.port, [
        `GET ${target} HTTP/1.1`,
        bearer,
        'Connection: Upgrade',
        `Upgrade: ${protocol}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]);

      expect(statusOf(received)).toBe(400);
      expect(received).toContain('"reason":"Upgrades are not supported"');
      nothing();
    },
  );

  it('an offer of cleartext HTTP/2 is ignored: the answer comes as HTTP/1.1, and the offer goes no further', async () => {
    const call = dial(world.gateway.port);
    const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'];
    call.send(head(`GET ${target} HTTP/1.1`, bearer, ...offer));
    const received = await call.until(/\{"ok":true\}/);
    call.socket.destroy();

    expect(statusOf(received)).toBe(200);
    expect(world.stripe.seen).toHaveLength(1);
    for (const name of ['upgrade', 'http2-settings']) expect(world.stripe.seen[0]?.headers).not.toHaveProperty(name);
    expect(world.stripe.seen[0]?.headers.connection).toBe('keep-alive');
  });

  it('the preface of HTTP/2 is refused', async () => {
    const call = dial(world.gateway.port);
    call.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

    expect(statusOf(await call.closed)).toBe(400);
    nothing();
  });
});

describe('a request whose end is unclear is refused by closing the connection, and the upstream sees nothing of it', () => {
  const framings: [string, string[], string][] = [
    [
      'Content-Length and chunked',
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /stripe/v1/x HTTP/1.1\r\n\r\n',
    ],
    ['two lengths', ['Content-Length: 1', 'Content-Length: 2'], 'ab'],
    ['a length with a sign', ['Content-Length: +1'], 'a'],
    ['a length in hex', ['Content-Length: 0x1'], 'a'],
    ['chunked and then something else', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['a coding that looks like chunked', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], 'zz\r\nab\r\n0\r\n\r\n'],
    ['a folded header', ['X-A: 1', ' Transfer-Encoding: chunked'], ''],
    ['a blank before the colon', ['Content-Length : 1'], 'a'],
    ['a bare line feed in a header', ['X-A: 1\nX-B: 2'], ''],
    ['a null byte in a header', ['X-A: a\x00b'], ''],
  ];

  it.each(framings)('%s', async (_what, lines, body) => {
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const received = await ask(world.gateway.port, [`POST ${target} HTTP/1.1`, bearer, type, ...lines], body);

    expect(statusOf(received)).toBe(400);
    expect(world.stripe.seen.filter(({ bytes }) => bytes.length > 0)).toEqual([]);
    expect(received).not.toContain('{"ok":true}');
  });
});
