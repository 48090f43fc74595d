import { Agent, request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { stopServer } from '../../src/stop/stop-server.ts';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const clock = { now: 1_800_000_000_000 };
const world = await useWorld({}, { now: () => clock.now });
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.reader}`;

const breakers = { directus: 'closed', stripe: 'closed', twilio: 'closed' };

const started: RunningGateway[] = [];
async function another(
  environment: Record<string, string> = {},
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  const gateway = await startGateway({ ...world.environment, ...environment }, options);
  started.push(gateway);
  return gateway;
}
afterEach(async () => {
  for (const gateway of started.splice(0)) if (gateway.server.listening) await gateway.stop();
});

describe('anybody, without a token,', () => {
  it('gets pong from ping, and nobody else is asked', async () => {
    const answer = await caller.get('/server/ping');

    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      'pong',
      'text/plain; charset=utf-8',
    ]);
    expect(world.directus.asked).toEqual([]);
  });

  it('hears that the gateway is ready when Directus answers, which is asked at most once a second', async () => {
    clock.now += 1_000;
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.get('/server/health')));
    clock.now += 999;
    const { status, body, headers } = await caller.get('/server/health');

    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect([status, body]).toEqual([
      200,
      { status: 'ok', checks: { directus: 'ok', gateway: 'ok', feed: 'off', breakers } },
    ]);
    expect(headers['cache-control']).toBe('no-store');
    expect(world.directus.asked).toEqual([{ path: '/server/ping', token: undefined, address: undefined }]);
  });

  it('hears that it is not when Directus does not, and that it is again when Directus does', async () => {
    clock.now += 1_000;
    world.directus.answerWith((request) => request.socket.destroy());
    const down = await caller.get('/server/health');
    expect([down.status, down.body]).toEqual([
      503,
      { status: 'error', checks: { directus: 'error', gateway: 'ok', feed: 'off', breakers } },
    ]);

    clock.now += 1_000;
    world.directus.answerWith(world.directus.answerAsDirectus);
    expect((await caller.get('/server/health')).status).toBe(200);
  });

  it.each([
    ['an error', 503, 'pong'],
    ['something else', 200, '<h1>pong</h1>'],
    ['a redirect', 302, 'pong'],
  ])('hears that it is not when Directus answers with %s', async (_what, status, body) => {
    clock.now += 1_000;
    world.directus.answerWith((_request, response) =>
      response.writeHead(status, { Location: '/server/ping' }).end(body),
    );

    expect((await caller.get('/server/health')).status).toBe(503);
  });

  it('hears that it is not when it is stopping, though it still answers', async () => {
    const stopping = await another({}, { isStopping: () => true });
    const health = await supertest(stopping.url).get('/server/health');

    expect([health.status, health.body.checks]).toEqual([
      503,
      { directus: 'ok', gateway: 'error', feed: 'off', breakers },
    ]);
    expect((await supertest(stopping.url).get(customers).set(as(tokens.reader))).status).toBe(200);
  });
});

describe('a gateway that is told to stop', () => {
  const openAnswer = async (gateway: RunningGateway, ...lines: string[]) => {
    const rest = Promise.withResolvers<() => void>();
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"data":[1');
      rest.resolve(() => response.end(',2]}'));
    });
    const call = dial(gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, ...lines));
    await call.until(/data/);
    return { call, finish: await rest.promise };
  };

  it('lets an answer under way end, and takes no new connection', async () => {
    const gateway = await another();
    const { call, finish } = await openAnswer(gateway, 'Connection: close');
    const stopped = stopServer(gateway.server, gateway.connections, { timeoutMs: 10_000, drain: false });
    await expect(supertest(gateway.url).get('/server/ping')).rejects.toThrow('ECONNREFUSED');
    finish();

    expect(await call.closed).toMatch(/,2\]\}\r\n0\r\n\r\n$/);
    await stopped;
  });

  it('does not wait for the next request of a caller whose answer has ended', async () => {
    const gateway = await another();
    const { call, finish } = await openAnswer(gateway); // keeps its connection alive
    const started = performance.now();
    const stopped = stopServer(gateway.server, gateway.connections, { timeoutMs: 10_000, drain: false });
    finish();
    await call.until(/\r\n0\r\n\r\n$/);
    await stopped;

    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('closes idle connections at once', async () => {
    const gateway = await another();
    const agent = new Agent({ keepAlive: true });
    await new Promise((done) => {
      httpRequest(`${gateway.url}/server/ping`, { agent }, (answer) => answer.resume().on('end', done)).end();
    });
    await stopServer(gateway.server, gateway.connections, { timeoutMs: 60_000, drain: false });
    agent.destroy();
  });

  it('cuts what has not ended at the limit, visibly for the caller and the upstream', async () => {
    const gateway = await another();
    const { call } = await openAnswer(gateway, 'X-Request-Id: cut-at-the-limit');
    await stopServer(gateway.server, gateway.connections, { timeoutMs: 50, drain: false });

    expect(await call.closed).not.toMatch(/\r\n0\r\n/);
    expect(await gateway.logged(({ requestId }) => requestId === 'cut-at-the-limit')).toMatchObject({ cutOff: true });
  });
});

describe('the access log has one line for a request', () => {
  const line = (id: string) => world.gateway.logged(({ requestId, msg }) => requestId === id && msg === 'request');

  it('with who asked for what, how it ended and how long it took, and nothing that was sent', async () => {
    const body = '{"To":"+1","Body":"canaryBodyOfMessage"}';
    const path = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'X-Request-Id: in-the-log'];
    const target = `${path}?access_token=${tokens.creator}&Secret=canaryBodyOfQuery`;
    await ask(world.gateway.port, [`POST ${target} HTTP/1.1`, ...lines, 'Cookie: canaryCookie=1'], body);

    const { time, directusMs, upstreamMs, durationMs, ...rest } = await line('in-the-log');
    expect(rest).toEqual({
      level: 30,
      requestId: 'in-the-log',
      method: 'POST',
      path,
      status: 200,
      upstream: 'twilio',
      user: 'user-creator',
      msg: 'request',
    });
    for (const figure of [time, directusMs, upstreamMs, durationMs]) expect(figure).toEqual(expect.any(Number));
    expect(world.gateway.logs()).not.toContain('canary');
  });

  it.each([
    ['no token', 401, [], { code: 'INVALID_CREDENTIALS', reason: 'no_token', level: 30 }],
    [
      'an unknown token',
      401,
      ['Authorization: Bearer canaryTokenX'],
      { code: 'INVALID_CREDENTIALS', reason: 'directus_refused', level: 30 },
    ],
    ['two tokens', 400, [bearer, 'X: y'], { code: 'INVALID_PAYLOAD', level: 30 }],
  ])('with the reason of a refusal: %s', async (what, status, lines, expected) => {
    const id = what.replaceAll(' ', '-');
    const query = status === 400 ? `?access_token=${tokens.reader}` : '';
    const received = await ask(world.gateway.port, [
      `GET ${customers}${query} HTTP/1.1`,
      ...lines,
      `X-Request-Id: ${id}`,
    ]);

    expect(statusOf(received)).toBe(status);
    expect(await line(id)).toMatchObject({ ...expected, status, path: customers });
  });

  it('as an error where the gateway or its neighbours fail, with the cause apart from what the caller was told', async () => {
    world.stripe.answerWith((request) => request.socket.destroy());
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer, 'X-Request-Id: fails']);

    expect(await line('fails')).toMatchObject({ level: 50, status: 502, code: 'UPSTREAM_UNREACHABLE' });
    const cause = await world.gateway.logged(({ requestId, msg }) => requestId === 'fails' && msg !== 'request');
    expect(cause).toMatchObject({ err: { code: 'UPSTREAM_UNREACHABLE', cause: { code: 'ECONNRESET' } } });
    expect(received).not.toContain('ECONNRESET');
  });
});

describe('a gateway without keys for an upstream', () => {
  it('has no such route', async () => {
    const {
      STRIPE_LIVE_SECRET_KEY: _key,
      STRIPE_CUSTOMERS_COLLECTION: _collection,
      ...environment
    } = world.environment;
    const gateway = await startGateway(environment);
    started.push(gateway);

    expect((await supertest(gateway.url).get(customers).set(as(tokens.admin))).status).toBe(404);
    expect((await supertest(gateway.url).get('/stripe/payments').set(as(tokens.admin))).status).toBe(404);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('proves itself to Twilio with an API key where there is one', async () => {
    const gateway = await another({ TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'canaryTwilioTokenOfKey' });
    await supertest(gateway.url).get(`/twilio/2010-04-01/Accounts/${accountSid}/Calls.json`).set(as(tokens.reader));

    const expected = Buffer.from('SK1:canaryTwilioTokenOfKey').toString('base64');
    expect(world.twilio.seen[0]?.headers.authorization).toBe(`Basic ${expected}`);
  });
});
