import { afterAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const app = 'https://app.test';
const evil = 'https://evil.test';
const world = await useWorld({ CORS_ORIGIN: app }); // CORS is off all the same
const listed = await startGateway({
  ...world.environment,
  CORS_ENABLED: 'true',
  CORS_ORIGIN: `${app},https://two.test`,
  CORS_CREDENTIALS: 'true',
});
const any = await startGateway({ ...world.environment, CORS_ENABLED: 'true', CORS_ORIGIN: 'true' });
const named = await startGateway({ ...world.environment, PUBLIC_URL: 'https://gateway.test/api' });
afterAll(async () => {
  await Promise.all([listed, any, named].map((gateway) => gateway.stop()));
});

const customers = '/stripe/v1/customers';
const corsHeaders = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
const preflight = (url: string, origin: string) =>
  supertest(url).options(customers).set({
    Origin: origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization',
  });

describe('a page of another origin', () => {
  it('learns nothing where CORS is off, listed or not', async () => {
    const asked = await preflight(world.gateway.url, app);
    const answer = await supertest(world.gateway.url)
      .get(customers)
      .set({ ...as(tokens.reader), Origin: app });

    expect([asked.status, corsHeaders(asked.headers)]).toEqual([405, {}]);
    expect([answer.status, corsHeaders(answer.headers)]).toEqual([200, {}]);
  });

  it('is told by a preflight what it may send, without a token and without anybody being asked', async () => {
    const answer = await preflight(listed.url, app);

    expect([answer.status, corsHeaders(answer.headers)]).toEqual([
      204,
      {
        'access-control-allow-origin': app,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
        'access-control-allow-headers': 'Content-Type,Authorization,Idempotency-Key,Stripe-Version',
        'access-control-expose-headers': 'X-Request-Id,Request-Id,Retry-After',
        'access-control-max-age': '18000',
      },
    ]);
    expect(answer.headers.vary).toMatch(/Origin/);
    expect(world.directus.asked).toEqual([]);
    expect(world.stripe.wire.received()).toBe('');
  });

  const answers: [number, string, Record<string, string>][] = [
    [200, customers, as(tokens.reader)],
    [200, '/server/ping', {}],
    [401, customers, {}],
    [403, customers, as(tokens.nobody)],
    [404, '/nowhere', {}],
    [400, '//', {}],
  ];

  it.each(answers)('can read the answer when it is listed: %i of %s', async (status, path, headers) => {
    world.stripe.answerWith((_request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Vary', 'Accept-Encoding').end('{}');
    });
    const answer = await supertest(listed.url)
      .get(path)
      .set({ ...headers, Origin: app });

    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Request-Id,Request-Id,Retry-After',
    });
    expect(answer.headers.vary).toMatch(path === customers && status === 200 ? /Origin, Accept-Encoding/ : /Origin/);
  });

  it.each([
    [evil],
    ['null'],
    ['https://app.test.evil.test'],
    ['http://app.test'],
    ['https://app.test:8443'],
    ['https://sub.app.test'],
  ])('cannot when it is not: %s', async (origin) => {
    const asked = await preflight(listed.url, origin);
    const answer = await supertest(listed.url)
      .get(customers)
      .set({ ...as(tokens.reader), Origin: origin });

    expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('of any kind can where CORS_ORIGIN is true, though without credentials', async () => {
    const answer = await supertest(any.url)
      .get(customers)
      .set({ ...as(tokens.reader), Origin: evil });

    expect(answer.headers['access-control-allow-origin']).toBe(evil);
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  const options: [string, Record<string, string>][] = [
    ['no method is asked for', { Origin: app }],
    ['it has no origin', { 'Access-Control-Request-Method': 'POST' }],
    ['it has neither', {}],
  ];

  it.each(options)('gets 405 for an OPTIONS that is no preflight: %s', async (_why, headers) => {
    const answer = await supertest(listed.url)
      .options(customers)
      .set({ ...as(tokens.admin), ...headers });

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('a write with the visitor’s session cookie', () => {
  const sites: [string, 'world' | 'listed' | 'any' | 'named', Record<string, string>, number][] = [
    ['from another site', 'world', { Origin: evil }, 403],
    ['from a sandboxed frame', 'world', { Origin: 'null' }, 403],
    ['from the gateway’s own host', 'world', { Origin: 'https://gateway.test', Host: 'gateway.test' }, 200],
    ['from another port of it', 'world', { Origin: 'https://gateway.test:8443', Host: 'gateway.test' }, 403],
    [
      'from a host that begins like it',
      'world',
      { Origin: 'https://gateway.test.evil.test', Host: 'gateway.test' },
      403,
    ],
    ['from a listed site while CORS is off', 'world', { Origin: app }, 403],
    ['from a listed site', 'listed', { Origin: app }, 200],
    ['from a site that is not listed', 'listed', { Origin: evil }, 403],
    ['from any site where CORS_ORIGIN is true', 'any', { Origin: evil }, 403],
    ['from PUBLIC_URL’s site', 'named', { Origin: 'https://gateway.test' }, 200],
    [
      'from a site that has chosen its Host, where PUBLIC_URL is set',
      'named',
      { Origin: evil, Host: 'evil.test' },
      403,
    ],
    ['without an Origin, which the browser says is cross-site', 'world', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['without an Origin, from a sister site', 'world', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['without an Origin, from the same', 'world', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['typed into the address bar', 'world', { 'Sec-Fetch-Site': 'none' }, 200],
    ['from no browser', 'world', {}, 200],
  ];
  const urls = { world: world.gateway.url, listed: listed.url, any: any.url, named: named.url };

  it.each(sites)('%s', async (_what, gateway, headers, status) => {
    const cookie = { Cookie: `directus_session_token=${tokens.admin}` };
    const request = supertest(urls[gateway])
      .post(customers)
      .set({ ...cookie, ...headers });
    const answer = await request.type('form').send('email=a');

    expect(answer.status).toBe(status);
    expect(world.stripe.seen).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403) expect(world.directus.asked).toEqual([]);
  });

  it.each([['put'], ['patch'], ['delete']] as const)('%s is a write too', async (method) => {
    const cookie = `directus_session_token=${tokens.admin}`;
    const answer = await supertest(world.gateway.url)[method](customers).set({ Cookie: cookie, Origin: evil });

    expect(answer.status).toBe(403);
    expect(world.stripe.wire.received()).toBe('');
  });

  it.each([
    ['reading with the cookie', 'get', { Cookie: `directus_session_token=${tokens.admin}` }],
    ['writing with a token that the page itself has', 'post', as(tokens.admin)],
  ] as const)(
    'and %s is not kept from another site: the browser keeps the answer from it',
    async (_what, method, headers) => {
      const answer = await supertest(world.gateway.url)
        [method](customers)
        .set({ ...headers, Origin: evil });

      expect(answer.status).toBe(200);
      expect(corsHeaders(answer.headers)).toEqual({});
    },
  );
});
