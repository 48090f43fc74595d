import { describe, expect, it } from '@jest/globals';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;
const upstreamHost = () => new URL(world.stripe.origin).host;

describe('what a caller sends to the gateway stays there', () => {
  it('all but the few headers that are the upstream’s business', async () => {
    await ask(world.gateway.port, [
      `GET ${customers} HTTP/1.1`,
      bearer,
      'Cookie: canaryCookie=1',
      'Proxy-Authorization: Basic canaryTokenProxy',
      'Forwarded: for=203.0.113.1',
      'X-Forwarded-For: 203.0.113.1',
      'X-Forwarded-Host: evil.test',
      'X-Forwarded-Proto: https',
      'X-Real-IP: 203.0.113.1',
      'Via: 1.1 proxy',
      'Origin: https://app.test',
      'Referer: https://app.test/?access_token=canaryTokenReferer',
      'Sec-Fetch-Site: cross-site',
      'Stripe-Account: acct_other',
      'Stripe-Context: acct_other',
      'X-Api-Key: canaryTokenKey',
      'X-Request-Id: from-the-caller',
      'TE: trailers',
      'Trailer: X-Sum',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Max-Forwards: 0',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'X-Anything: else',
    ]);

    expect(world.stripe.seen.map(({ headers }) => headers)).toEqual([
      { host: upstreamHost(), authorization: `Bearer ${secrets.stripeKey}`, connection: 'keep-alive' },
    ]);
  });

  it('and these are the upstream’s business, each as it came', async () => {
    const passed = {
      Accept: 'application/json;q=0.9, */*',
      'Accept-Encoding': 'gzip, br',
      'Accept-Language': 'de',
      'Cache-Control': 'no-cache',
      'If-None-Match': '"a", W/"b"',
      'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      Prefer: 'return=minimal',
      Range: 'bytes=0-9',
      'User-Agent': 'Stripe/v1 NodeBindings/23.1.0',
      'Stripe-Version': '2025-01-01.acacia',
      'X-Stripe-Client-User-Agent': '{"lang":"node"}',
    };
    await ask(world.gateway.port, [
      `GET ${customers} HTTP/1.1`,
      bearer,
      ...Object.entries(passed).map(([name, value]) => `${name}: ${value}`),
    ]);

    for (const [name, value] of Object.entries(passed)) {
      expect([name, world.stripe.seen[0]?.headers[name.toLowerCase()]]).toEqual([name, value]);
    }
  });

  it.each([['evil.test'], ['169.254.169.254'], ['api.stripe.com:443'], [''], ['a@b']])(
    'a Host of “%s” does not decide where the request goes',
    async (host) => {
      const call = dial(world.gateway.port);
      call.send(`GET ${customers} HTTP/1.1\r\nHost: ${host}\r\n${bearer}\r\nConnection: close\r\n\r\n`);

      expect(statusOf(await call.closed)).toBe(200);
      expect(world.stripe.seen.map(({ headers }) => headers.host)).toEqual([upstreamHost()]);
    },
  );

  it('of two Authorization headers the first is the caller’s, and neither goes on', async () => {
    const received = await ask(world.gateway.port, [
      `GET ${customers} HTTP/1.1`,
      bearer,
      'Authorization: Bearer canaryTokenSecond',
    ]);

    expect(statusOf(received)).toBe(200);
    expect(new Set(world.directus.asked.map(({ token }) => token)).has('canaryTokenSecond')).toBe(false);
    expect(world.stripe.seen[0]?.rawHeaders.filter((name) => name.toLowerCase() === 'authorization')).toHaveLength(1);
  });
});

describe('a caller’s Connection header', () => {
  it.each([
    ['authorization', 'cannot take the gateway’s credential away'],
    ['Authorization, keep-alive', 'cannot take the gateway’s credential away'],
    ['host', 'cannot take the host away'],
  ])('%s: %s', async (options) => {
    const call = dial(world.gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, `Connection: ${options}`));
    await call.until(/\{"ok":true\}/);
    call.socket.destroy();

    expect(world.stripe.seen[0]?.headers).toEqual({
      host: upstreamHost(),
      authorization: `Bearer ${secrets.stripeKey}`,
      connection: 'keep-alive',
    });
  });

  it('removes what it names, and the body is then treated as what the upstream will take it for', async () => {
    const json = '{"Body":"canaryBody"}';
    const call = dial(world.gateway.port);
    const lines = ['Content-Type: application/json', 'Connection: content-type, x-a', 'X-A: 1'];
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, ...lines, `Content-Length: ${json.length}`) + json);
    await call.until(/\{"ok":true\}/);
    call.socket.destroy();

    expect(world.stripe.seen[0]?.body).toBe(json);
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('content-type');
  });

  it('cannot take the length of the body away', async () => {
    const call = dial(world.gateway.port);
    const lines = ['Content-Type: application/x-www-form-urlencoded', 'Connection: content-length, transfer-encoding'];
    call.send(`${head(`POST ${customers} HTTP/1.1`, bearer, ...lines, 'Content-Length: 3')}a=1`);
    await call.until(/\{"ok":true\}/);
    call.socket.destroy();

    expect(world.stripe.seen[0]).toMatchObject({ body: 'a=1', headers: { 'content-length': '3' } });
  });
});
