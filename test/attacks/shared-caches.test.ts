import { describe, expect, it } from '@jest/globals';
import { ask, statusOf } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const customers = '/stripe/v1/customers';
const reader = `Authorization: Bearer ${tokens.reader}`;
const headerOf = (received: string, name: string) => new RegExp(`^${name}: ([^\r]*)`, 'im').exec(received)?.[1];
const get = (lines: readonly string[], target = customers, port = world.gateway.port) =>
  ask(port, [`GET ${target} HTTP/1.1`, ...lines]);

describe('a cache between caller and gateway may not keep what one caller sees, whatever the upstream says of it', () => {
  const said: [string, string, string][] = [
    ['public, max-age=86400', 'private, no-store', 'RFC 9111, section 5.2.2.9'],
    ['s-maxage=600', 'private, no-store', 'RFC 9111, section 3.5'],
    ['max-age=600, must-revalidate', 'private, no-store', 'RFC 9111, section 3.5'],
    ['immutable, max-age=31536000', 'private, no-store', 'RFC 8246'],
    ['no-cache', 'private, no-store', 'RFC 9111, section 5.2.2.4'],
    ['private, public', 'private, no-store', 'ours'],
    ['PUBLIC, no-store', 'private, no-store', 'ours'],
    ['x-private', 'private, no-store', 'ours'],
    ['private="set-cookie", max-age=600', 'private, no-store', 'RFC 9111, section 5.2.2.7'],
    ['no-store-ever', 'private, no-store', 'ours'],
    ['private, max-age=60', 'private, max-age=60', 'RFC 9111, section 5.2.2.7'],
    ['no-store', 'no-store', 'RFC 9111, section 5.2.2.5'],
  ];
  it.each(said)('%s becomes %s (%s)', async (upstream, expected) => {
    world.stripe.answerWith((_request, response) => response.setHeader('Cache-Control', upstream).end('{}'));
    expect(headerOf(await get([reader]), 'cache-control')).toBe(expected);
  });

  it('nothing at all becomes private, no-store', async () => {
    expect(headerOf(await get([reader]), 'cache-control')).toBe('private, no-store');
  });

  it.each([
    ['with the token in the query', [], `${customers}?access_token=${tokens.reader}`],
    ['with the session cookie', [`Cookie: directus_session_token=${tokens.reader}`], customers],
    ['of a name that looks like a picture (web cache deception)', [reader], `${customers}/cus_1/avatar.css`],
    ['of a list that the gateway composes', [reader], '/stripe/payments'],
  ])('%s', async (_how, lines, target) => {
    world.stripe.answerWith((_request, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=9' })
        .end('{"object":"list","data":[],"has_more":false}'),
    );
    const received = await get(lines, target);
    expect([statusOf(received), headerOf(received, 'cache-control')]).toEqual([
      200,
      expect.stringMatching(/^(private, )?no-store$/),
    ]);
  });

  it.each([
    ['401', customers, 'Authorization: Bearer canaryUnknown'],
    ['403', customers, `Authorization: Bearer ${tokens.nobody}`],
    ['404', '/nowhere', reader],
    ['400', '/stripe/%zz', reader],
  ])('a refusal, %s, is not kept for the next one either', async (status, target, line) => {
    const received = await get([line], target);
    expect([String(statusOf(received)), headerOf(received, 'cache-control')]).toEqual([status, 'no-store']);
  });

  it('a route that is public says private too: with a token it may answer more', async () => {
    const config = 'upstreams: { stripe: { rules: [{ path: /v1/customers, collection: customers, public: true }] } }';
    const gateway = stopLater(await startGateway(world.environment, { config }));
    world.stripe.answerWith((_request, response) => response.setHeader('Cache-Control', 'public').end('{}'));
    expect(headerOf(await get([reader], customers, gateway.port), 'cache-control')).toBe('private, no-store');
  });
});

describe('validators do not lead from one caller’s answer to another’s', () => {
  it('304 with someone else’s ETag needs the same permission as the answer', async () => {
    world.stripe.answerWith((_request, response) => response.writeHead(304, { ETag: '"a"' }).end());
    const nobody = await get([`Authorization: Bearer ${tokens.nobody}`, 'If-None-Match: "a"']);
    expect([statusOf(nobody), world.stripe.seen]).toEqual([403, []]);
    expect(statusOf(await get([reader, 'If-None-Match: "a"']))).toBe(304);
  });

  it.each([
    'If-None-Match: "a"',
    'If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT',
    'Range: bytes=0-5',
    'If-Range: "a"',
  ])('an answer that is cut is neither asked for by "%s" nor has an ETag', async (line) => {
    world.stripe.answerWith((_request, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json', ETag: '"whole"', 'Last-Modified': 'x' })
        .end('{"id":"cus_1","email":"a","name":"hidden"}'),
    );
    const received = await get([`Authorization: Bearer ${tokens.fields}`, line], `${customers}/cus_1`);
    expect(received).toMatch(/\{"id":"cus_1","email":"a"\}$/);
    expect([headerOf(received, 'etag'), headerOf(received, 'last-modified')]).toEqual([undefined, undefined]);
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty(line.split(':')[0]?.toLowerCase() ?? '');
  });

  it.each(['only-if-cached', 'max-stale=99999'])(
    '"Cache-Control: %s" brings nothing without a permission',
    async (value) => {
      await get([reader]);
      const received = await get([`Authorization: Bearer ${tokens.nobody}`, `Cache-Control: ${value}`]);
      expect([statusOf(received), world.stripe.seen.length]).toEqual([403, 1]);
    },
  );
});

describe('a cache learns that the answer differs by origin', () => {
  it.each(['https://app.test', 'https://evil.test'])('to %s, beside what the upstream varies by', async (origin) => {
    const gateway = stopLater(
      await startGateway({
        ...world.environment,
        CORS_ENABLED: 'true',
        CORS_ORIGIN: 'https://app.test,https://b.test',
      }),
    );
    world.stripe.answerWith((_request, response) => response.setHeader('Vary', 'Accept-Encoding').end('{}'));
    const received = await get([reader, `Origin: ${origin}`], customers, gateway.port);
    const vary = [...received.matchAll(/^vary: ([^\r]*)/gim)].map(([, value]) => value).join(', ');
    expect(vary).toMatch(/Origin.*Accept-Encoding/);
  });

  it('unkeyed headers do not change what is answered (cache poisoning)', async () => {
    const plain = await get([`Authorization: Bearer ${tokens.nobody}`]);
    const received = await get([
      `Authorization: Bearer ${tokens.nobody}`,
      'X-Forwarded-Host: evil.test',
      'X-Forwarded-Scheme: nothttps',
      'X-Original-URL: /server/ping',
      'X-Rewrite-URL: /server/ping',
      'Forwarded: host=evil.test',
    ]);
    expect(statusOf(received)).toBe(statusOf(plain));
    expect(received).not.toMatch(/evil\.test|nothttps|pong/);
  });
});
