import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { ask } from '../world/dial.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;

describe('what the upstream says to the gateway stays there', () => {
  it('hop-by-hop headers, cookies, CORS, authentication and browser policies', async () => {
    world.stripe.answerWith((_request, response) => {
      response
        .writeHead(200, {
          'Content-Type': 'application/json',
          Connection: 'X-Up, keep-alive',
          'X-Up': '1',
          'Keep-Alive': 'timeout=99',
          'Proxy-Authenticate': 'Basic',
          'Proxy-Connection': 'keep-alive',
          Trailer: 'X-Sum',
          'Set-Cookie': ['canaryCookie=1', 'b=2'],
          'WWW-Authenticate': 'Bearer realm="Stripe"',
          'Access-Control-Allow-Origin': '*',
          'Access-Control-Allow-Credentials': 'true',
          'Access-Control-Expose-Headers': 'X-Up',
          'Strict-Transport-Security': 'max-age=1',
          'Content-Security-Policy': "default-src 'none'",
          'Alt-Svc': 'h3=":443"',
          Server: 'nginx',
          Via: '1.1 up',
          'X-Powered-By': 'PHP',
          'X-Request-Id': 'of-the-upstream',
          'Request-Id': 'req_1',
          'Retry-After': '3',
          'Stripe-Version': '2025-01-01.acacia',
          'X-Anything': 'else',
        })
        .end('{}');
    });
    const { headers } = await caller.get(customers).set(as(tokens.reader));

    const gone = ['x-up', 'trailer', 'set-cookie', 'www-authenticate', 'server', 'via', 'x-powered-by', 'alt-svc'];
    const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-') || name.startsWith('proxy-'));
    expect([...gone.filter((name) => name in headers), ...cors]).toEqual([]);
    expect(headers).toMatchObject({
      'request-id': 'req_1',
      'retry-after': '3',
      'stripe-version': '2025-01-01.acacia',
      'x-anything': 'else',
      'content-type': 'application/json',
    });
    expect(Object.values(headers)).not.toContain('max-age=1');
    expect(Object.values(headers)).not.toContain("default-src 'none'");
    expect(Object.values(headers)).not.toContain('timeout=99');
    expect(Object.values(headers)).not.toContain('of-the-upstream');
  });

  it.each([
    [undefined, 'private, no-store'],
    ['public, max-age=60', 'private, no-store'],
    ['max-age=60', 'private, no-store'],
    ['s-maxage=60', 'private, no-store'],
    ['public, private', 'private, no-store'],
    ['no-cache, x-no-store=1', 'private, no-store'],
    ['no-store', 'no-store'],
    ['private, max-age=60', 'private, max-age=60'],
    ['no-cache, no-store', 'no-cache, no-store'],
  ])('Cache-Control %s becomes %s: no shared cache keeps what one caller may see', async (given, expected) => {
    world.stripe.answerWith((_request, response) => {
      if (given !== undefined) response.setHeader('Cache-Control', given);
      response.end('{}');
    });
    const { headers } = await caller.get(customers).set(as(tokens.reader));

    expect(headers['cache-control']).toBe(expected);
  });

  it('a compressed answer passes as it is', async () => {
    const zipped = gzipSync('{"ok":"zipped"}');
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }).end(zipped);
    });
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.0`, bearer]);

    expect(Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1')).toEqual(zipped);
    expect(received).toMatch(/^content-encoding: gzip\r$/im);
  });
});

describe('every answer bears an X-Request-Id', () => {
  const requests: [string, string[]][] = [
    ['an answer of the upstream', [`GET ${customers} HTTP/1.1`, bearer]],
    ['the gateway’s list', ['GET /stripe/customers HTTP/1.1', bearer]],
    ['ping', ['GET /server/ping HTTP/1.1']],
    ['400', ['GET //x HTTP/1.1']],
    ['401', [`GET ${customers} HTTP/1.1`]],
    ['403', [`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${tokens.nobody}`]],
    ['404', ['GET /nowhere HTTP/1.1']],
    ['405', [`TRACE ${customers} HTTP/1.1`]],
    ['405 to CONNECT', ['CONNECT a:1 HTTP/1.1']],
    ['400 to what is no HTTP', ['FOO / HTTP/1.1']],
    ['417 to another expectation', [`GET ${customers} HTTP/1.1`, 'Expect: miracles']],
  ];

  it.each(requests)('%s', async (_what, lines) => {
    expect(await ask(world.gateway.port, lines)).toMatch(/^X-Request-Id: [\w.-]{1,64}\r$/im);
  });

  it.each([
    ['of-a-proxy.1_2', true],
    ['x'.repeat(65), false],
    ['with blank', false],
    ['"quoted"', false],
  ])('%s of the caller is kept: %s', async (id, kept) => {
    const { headers } = await caller.get('/server/ping').set('X-Request-Id', id);

    expect(headers['x-request-id'] === id).toBe(kept);
  });
});
