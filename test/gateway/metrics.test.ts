import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { dial, head } from '../world/dial.ts';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { poll } from '../world/poll.ts';
import { samplesOf } from '../world/samples-of.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const scraper = 'tokenOfPrometheus';
const bearing = (token: string) => ({ Authorization: `Metrics ${token}` });
const on = { METRICS_ENABLED: 'true' };
const withToken = { ...on, METRICS_TOKENS: `another, ${scraper}` };

const stopLater = useStops();
const world = await useWorld();
const start = async (more: Record<string, string> = withToken, options: GatewayOptions = {}) =>
  stopLater(await startGateway({ ...world.environment, ...more }, options));

const scrape = async ({ url }: Pick<RunningGateway, 'url'>, headers: Record<string, string> = bearing(scraper)) => {
  const answer = await fetch(`${url}/metrics`, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};
const samples = async (gateway: Pick<RunningGateway, 'url'>) => samplesOf((await scrape(gateway)).text);
const ask = async (
  { url }: Pick<RunningGateway, 'url'>,
  path: string,
  token: string = tokens.admin,
  method = 'GET',
) => {
  const answer = await fetch(`${url}${path}`, { method, headers: as(token) });
  await answer.arrayBuffer();
  return answer.status;
};

describe('GET /metrics', () => {
  it('is not there while metrics are off, whoever asks', async () => {
    const { url } = world.gateway;
    expect(await ask({ url }, '/metrics')).toBe(404);
    expect((await scrape({ url })).status).toBe(404);
  });

  it('is told to whoever bears one of METRICS_TOKENS, in Prometheus’ text format', async () => {
    const gateway = await start();
    const { status, type, text } = await scrape(gateway);
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('# TYPE directus_gateway_requests_total counter');
    expect((await scrape(gateway, { Authorization: 'metrics another' })).status).toBe(200);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', bearing('tokenOfPrometheuS')],
    ['the beginning of a token', bearing(scraper.slice(0, -1))],
    ['an empty token', { Authorization: 'Metrics ' }],
    ['all of the list at once', bearing(`another,${scraper}`)],
    ['the token as a Directus token', as(scraper)],
    ['an administrator’s Directus token', as(tokens.admin)],
  ])('is refused with %s where METRICS_TOKENS is set', async (_what, headers) => {
    const { status, text } = await scrape(await start(), headers);
    expect(status).toBe(403);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('can be read when nobody else is let through any more, and guesses cannot go on for ever', async () => {
    const gateway = await start({ ...withToken, RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '3' });
    const guesses: number[] = [];
    for (let guess = 0; guess < 5; guess += 1) guesses.push((await scrape(gateway, bearing(`guess${guess}`))).status);
    expect(guesses).toEqual([403, 403, 403, 429, 429]);
    expect((await scrape(gateway)).status).toBe(200);
  });

  it('is the gateway’s behind the front door where metrics are on, and Directus’ own where they are off', async () => {
    const gateway = await start({ ...withToken, FRONT_DOOR: 'true' });
    world.directus.reset();
    expect((await scrape(gateway)).text).toContain('directus_gateway_requests_total');
    expect((await scrape(gateway, {})).status).toBe(403);
    const pathsAsked = () => world.directus.asked.map(({ path }) => path);
    expect(pathsAsked()).toEqual([]);
    await scrape(await start({ FRONT_DOOR: 'true' }), as(tokens.admin));
    expect(pathsAsked()).toEqual(['/metrics']);
  });

  describe('without METRICS_TOKENS', () => {
    const full = { access: 'full', fields: ['*'] } as const;
    const everything = { create: full, read: full, update: full, delete: { access: 'full' } } as const;
    const ofAdmin = Object.fromEntries(
      ['access', 'permissions', 'policies', 'roles', 'users'].map((name) => [`directus_${name}`, everything]),
    );
    const know = (permissions: Record<string, unknown>) => {
      world.directus.users.set('canaryTokenReading', { id: 'user-reading', permissions });
      return as('canaryTokenReading');
    };

    it('is told to administrators of Directus', async () => {
      expect((await scrape(await start(on), know(ofAdmin))).status).toBe(200);
    });

    it.each([
      ['everything but directus_access', { ...ofAdmin, directus_access: undefined }],
      ['all but deleting users', { ...ofAdmin, directus_users: { ...everything, delete: { access: 'none' } } }],
      ['some users only', { ...ofAdmin, directus_users: { ...everything, read: { ...full, access: 'partial' } } }],
      [
        'some fields only',
        { ...ofAdmin, directus_users: { ...everything, update: { access: 'full', fields: ['id'] } } },
      ],
      ['everything of the collections that rules are about', { customers: everything, messages: everything }],
    ])('is refused to who may do %s', async (_what, permissions) => {
      expect((await scrape(await start(on), know(permissions))).status).toBe(403);
    });

    it('is refused without a token, with one that Directus does not know, and while Directus is gone', async () => {
      const gateway = await start(on);
      expect((await scrape(gateway, {})).status).toBe(401);
      expect((await scrape(gateway, as('canaryTokenUnknown'))).status).toBe(401);
      expect((await scrape(gateway, bearing(scraper))).status).toBe(401);
      world.directus.answerWith((_request, response) => response.destroy());
      expect((await scrape(gateway, as(tokens.admin))).status).toBe(503);
    });
  });
});

describe('an administrator is told', () => {
  it('of requests by upstream, rule, method and class of status, and of refusals by code', async () => {
    const gateway = await start();
    await ask(gateway, '/stripe/v1/customers/cus_1');
    await ask(gateway, '/stripe/v1/customers/cus_2');
    await ask(gateway, '/stripe/v1/customers/cus_1', tokens.nobody);
    await ask(gateway, '/nowhere');
    const told = await samples(gateway);
    const requests = [...told].filter(([name]) => name.startsWith('directus_gateway_requests_total'));
    const rule = requests.map(([name]) => /upstream="stripe",rule="([^"]*)"/.exec(name)?.[1]).find((name) => name);
    expect(rule).toMatch(/ \/v1\/customers\/:\w+$/);
    const of = (upstream: string, name: string | undefined, status: string) =>
      told.get(
        `directus_gateway_requests_total{upstream="${upstream}",rule="${name}",method="GET",status="${status}"}`,
      );
    expect([of('stripe', rule, '2xx'), of('stripe', rule, '4xx'), of('', '', '4xx')]).toEqual([2, 1, 1]);
    const refused = (code: string) => told.get(`directus_gateway_refusals_total{code="${code}"}`);
    expect(['FORBIDDEN', 'ROUTE_NOT_FOUND', 'UPSTREAM_TIMEOUT'].map(refused)).toEqual([1, 1, 0]);
  });

  it('of durations: of the check, until the answer begins, and in all', async () => {
    const gateway = await start();
    await ask(gateway, '/stripe/v1/customers');
    await ask(gateway, '/twilio/nowhere');
    const told = await samples(gateway);
    expect(told.get('directus_gateway_check_duration_seconds_count')).toBe(2);
    expect(told.get('directus_gateway_first_byte_duration_seconds_count{upstream="stripe"}')).toBe(1);
    expect(told.get('directus_gateway_first_byte_duration_seconds_count{upstream="twilio"}')).toBeUndefined();
    expect(told.get('directus_gateway_request_duration_seconds_count{upstream="stripe"}')).toBe(1);
    expect(told.get('directus_gateway_request_duration_seconds_count{upstream="twilio"}')).toBe(1);
    const sum = told.get('directus_gateway_request_duration_seconds_sum{upstream="stripe"}') ?? 0;
    const check = told.get('directus_gateway_check_duration_seconds_sum') ?? 0;
    expect(sum).toBeGreaterThan(check); // in the same unit
    expect(sum).toBeLessThan(30);
  });

  it('of answers that were cut off, and of requests under way', async () => {
    const gateway = await start();
    world.stripe.answerWith((_stripe, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      response.write('begins');
    });
    const answered = Promise.withResolvers<void>();
    const asked = request(`${gateway.url}/stripe/v1/customers`, { headers: as(tokens.admin) });
    asked.on('response', () => answered.resolve()).on('error', () => undefined);
    asked.end();
    await answered.promise;
    expect((await samples(gateway)).get('directus_gateway_open_requests{upstream="stripe"}')).toBe(1);
    asked.destroy();
    await gateway.logged(({ cutOff }) => cutOff === true);
    const told = await samples(gateway);
    const cut = [...told].filter(([name]) => name.includes('status="cut"'));
    expect(cut.map(([, count]) => count)).toEqual([1]);
    expect(told.get('directus_gateway_open_requests{upstream="stripe"}')).toBe(0);
  });

  it('of requests and WebSockets that are open through the front door, apart from each other', async () => {
    const gateway = await start({ ...withToken, FRONT_DOOR: 'true' });
    const open = async () => {
      const told = await samples(gateway);
      const names = ['requests{upstream="directus"}', 'requests{upstream="stripe"}', 'tunnels'];
      return names.map((name) => told.get(`directus_gateway_open_${name}`));
    };
    expect(await open()).toEqual([0, 0, 0]);

    world.directus.answerWith((_request, response) => response.write('begins'));
    const asked = await fetch(`${gateway.url}/items/articles`);
    const webSockets = [webSocketTo(gateway), webSocketTo(gateway)];
    for (const webSocket of webSockets) await once(webSocket, 'open');
    expect(await open()).toEqual([1, 0, 2]);

    await asked.body?.cancel();
    webSockets[0]?.close();
    await poll('they are gone', async () => isDeepStrictEqual(await open(), [0, 0, 1]));
    webSockets[1]?.terminate();
    await poll('all are gone', async () => isDeepStrictEqual(await open(), [0, 0, 0]));
  });

  it('of no tunnels, and of no requests through a front door, where there is none', async () => {
    const told = [...(await samples(await start())).keys()];
    expect(told.filter((name) => /open_tunnels|open_requests.*directus/.test(name))).toEqual([]);
  });

  it('of what is remembered', async () => {
    const gateway = await start();
    for (let time = 0; time < 3; time += 1) await ask(gateway, '/stripe/v1/customers');
    for (let time = 0; time < 2; time += 1) await ask(gateway, '/stripe/v1/customers', 'canaryTokenUnknown');
    const told = await samples(gateway);
    const results = ['hit', 'miss', 'refused'].map((result) =>
      told.get(`directus_gateway_remembered_total{result="${result}"}`),
    );
    expect(results).toEqual([2, 2, 1]);
    expect(told.get('directus_gateway_remembered_entries')).toBe(2);
  });

  it('of breakers and the feed, which has no value where there is none', async () => {
    const without = await samples(await start());
    expect(without.get('directus_gateway_breaker_state{name="directus"}')).toBe(0);
    expect([...without.keys()].filter((name) => name.startsWith('directus_gateway_feed'))).toEqual([]);

    const { token } = world.directus.service;
    const gateway = await start({ ...withToken, DIRECTUS_TOKEN: token });
    await gateway.logged(({ msg }) => String(msg).includes('is live'));
    const told = await samples(gateway);
    expect(told.get('directus_gateway_feed_live')).toBe(1);
    expect(told.get('directus_gateway_feed_complete')).toBe(1);
    world.directus.feed.cut({ letIn: false });
    await gateway.logged(({ msg }) => String(msg).startsWith('no feed'));
    expect((await samples(gateway)).get('directus_gateway_feed_live')).toBe(0);
    world.directus.feed.letIn();

    world.stripe.answerWith((_request, response) => response.destroy());
    for (let time = 0; time < 6; time += 1) await ask(gateway, '/stripe/v1/customers');
    expect((await samples(gateway)).get('directus_gateway_breaker_state{name="stripe"}')).toBe(2);
  });

  it('of limits, and of budgets by rule', async () => {
    const config = `upstreams: { stripe: { rules: [{ path: /v1/budget, collection: customers, budget: { points: 2, per: 24d } }] } }`;
    const gateway = await start(withToken, { config });
    for (let time = 0; time < 3; time += 1) await ask(gateway, '/stripe/v1/budget');
    const told = await samples(gateway);
    const results = ['spent', 'returned', 'refused', 'unknown'].map((result) =>
      told.get(`directus_gateway_budgets_total{upstream="stripe",rule="any /v1/budget",result="${result}"}`),
    );
    expect(results).toEqual([2, 0, 1, 0]);
    expect(told.get('directus_gateway_limited_total{what="budget"}')).toBe(1);
  });
});

describe('after a change of the set-up', () => {
  it('counts go on, and other tokens count at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-metrics-'));
    const file = join(folder, 'tokens');
    await writeFile(file, 'tokenBefore');
    const gateway = stopLater(
      await startGatewayProcess({ ...world.environment, ...on, METRICS_TOKENS_FILE: file }, { cwd: folder }),
    );
    await ask(gateway, '/stripe/v1/customers');
    await writeFile(file, 'tokenAfter');
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');
    expect((await scrape(gateway, bearing('tokenBefore'))).status).toBe(403);
    const { status, text } = await scrape(gateway, bearing('tokenAfter'));
    expect(status).toBe(200);
    const told = samplesOf(text);
    expect(told.get('directus_gateway_remembered_total{result="miss"}')).toBe(1);
    expect(told.get('directus_gateway_request_duration_seconds_count{upstream="stripe"}')).toBe(1);
    expect(told.get('directus_gateway_remembered_entries')).toBe(0); // of the new set-up, which remembers nobody yet
    await rm(folder, { recursive: true });
  });
});

it('what is open through the front door is still told of after a change of the set-up', async () => {
  const gateway = stopLater(
    await startGatewayProcess({
      ...world.environment,
      ...withToken,
      FRONT_DOOR: 'true',
      SERVER_SHUTDOWN_TIMEOUT: '1s',
    }),
  );
  world.directus.answerWith((_request, response) => response.write('begins'));
  const asked = await fetch(`${gateway.url}/items/articles`);
  const webSocket = webSocketTo(gateway);
  await once(webSocket, 'open');
  gateway.child.kill('SIGHUP');
  await gateway.logged('set up anew');
  const told = await samples(gateway);
  expect(told.get('directus_gateway_open_requests{upstream="directus"}')).toBe(1);
  expect(told.get('directus_gateway_open_tunnels')).toBe(1);
  await asked.body?.cancel();
  webSocket.terminate();
});

describe('nothing that a caller sends', () => {
  it('is in any metric: not path, query, token, header or method', async () => {
    const gateway = await start();
    for (const path of ['/bait', '/stripe/bait', '/stripe/v1/customers/bait?bait=bait', '/bait/v1/a']) {
      const headers = { 'X-Request-Id': 'baitId', 'User-Agent': 'baitAgent' };
      await fetch(`${gateway.url}${path}`, { headers: { ...headers, ...as('canaryTokenBait') } });
      await fetch(`${gateway.url}${path}`, { headers: { ...headers, ...as(tokens.admin) } });
      await fetch(`${gateway.url}${path}`, { method: 'PROPFIND', headers });
    }
    const { text } = await scrape(gateway);
    expect(text).not.toMatch(/bait|canary|tokenOf|PROPFIND|127\.0\.0\.1/i);
    expect(text).toContain('method="other"');
  });

  it('adds a series: ten thousand paths are told in as many lines as a few', async () => {
    const gateway = await start();
    const series = async () =>
      [...(await samples(gateway)).keys()].filter((name) => name.startsWith('directus_')).length;
    await scrape(gateway); // is told of itself, too
    await flood(gateway, 0, 200);
    const before = await series();
    await flood(gateway, 200, 10_000);
    expect(await series()).toBe(before);
    const requests = [...(await samples(gateway))].filter(([name]) =>
      name.startsWith('directus_gateway_requests_total'),
    );
    expect(requests.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(10_200); // all are told of
  }, 60_000);
});

const webSocketTo = ({ url }: Pick<RunningGateway, 'url'>) => new WebSocket(`${url.replace('http', 'ws')}/websocket`);

/** So many requests, no two of them to one path, in batches on a connection each. */
async function flood({ port }: RunningGateway, from: number, count: number): Promise<void> {
  for (let first = from; first < from + count; first += batch) {
    const caller = dial(port);
    for (let number = first; number < first + batch; number += 1) caller.send(requestOf(number));
    await caller.until(new RegExp(`x-request-id: flood${first + batch - 1}\r`, 'i'));
    caller.socket.destroy();
  }
}

const batch = 200;

const requestOf = (number: number): string => {
  const path = [`/p${number}`, `/stripe/p${number}`, `/stripe/v1/customers/cus_${number}`][number % 3];
  const method = ['GET', 'DELETE', 'LOCK', 'PROPFIND'][number % 4];
  const token = number % 20 === 0 ? tokens.admin : `canaryTokenOther${number % 5}`;
  return head(
    `${method} ${path}?q=${number} HTTP/1.1`,
    `Authorization: Bearer ${token}`,
    `X-Request-Id: flood${number}`,
  );
};
