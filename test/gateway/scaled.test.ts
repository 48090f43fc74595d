import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type Answered, callFrom } from '../world/call-from.ts';
import { dial, head } from '../world/dial.ts';
import { findHaproxy } from '../world/haproxy.ts';
import { poll } from '../world/poll.ts';
import { findRedis, type RunningRedis } from '../world/start-redis.ts';
import { addressOfBalancer, type Scaled, startScaled } from '../world/start-scaled.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const [redisHere, haproxy] = await Promise.all([findRedis(), findHaproxy()]);
const missing = [redisHere, haproxy].flatMap((found) => ('missing' in found ? [found.missing] : []));
const suite = missing.length === 0 ? describe : describe.skip;
const why = missing.length === 0 ? '' : ` (left out: ${missing.join('; ')})`;

const config = `
upstreams:
  stripe:
    rules:
      - { path: /v1/budget, collection: customers, budget: { points: 3, per: 24d } }
      - { path: /v1/first, collection: customers, budget: { points: 1000, per: 24d } }
`;
const customers = '/stripe/v1/customers';
const [proxy, farProxy] = ['127.0.0.201', '127.0.0.202'];
const world = await useWorld();

suite(`three gateways behind the balancer of deploy/haproxy${why}`, () => {
  let redis: RunningRedis;
  let scaled: Scaled;
  beforeAll(async () => {
    if ('missing' in redisHere || 'missing' in haproxy) return;
    redis = await redisHere.start();
    const environment = {
      ...world.environment,
      FRONT_DOOR: 'true',
      REDIS: redis.url,
      RATE_LIMITER_ENABLED: 'true',
      RATE_LIMITER_STORE: 'redis',
      RATE_LIMITER_POINTS: '40',
      RATE_LIMITER_DURATION: '3600',
    };
    scaled = await startScaled(haproxy, { environment, config, trusted: [proxy, farProxy] });
    // Their first questions to Redis take longer, and who waits too long for it counts alone.
    for (const from of addresses(200, 20))
      expect((await ask('/stripe/v1/first', from, tokens.fields)).status).toBe(200);
  }, 60_000);
  afterAll(async () => {
    await scaled?.stop();
    await redis?.stop();
  });

  /** Numbers for addresses: each test has its own, so that none uses up the rate of another. */
  const addresses = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => `127.0.1.${first + index}`);
  const ask = (path: string, from: string, token: string = tokens.admin, more: Record<string, string> = {}) =>
    callFrom(scaled.balancer.url, { path, from, headers: { ...as(token), ...more } });
  const served = () => scaled.gateways.map((gateway) => gateway.log().split('"msg":"request"').length - 1);

  it('have one budget together, from wherever its user calls', async () => {
    const before = served();
    const all = await inTurns(addresses(1, 24), (from) => ask('/stripe/v1/budget', from));

    const passed = all.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(3); // fewer where Redis takes its time: that is refused
    expect(world.stripe.seen).toHaveLength(passed);
    await poll('each of them has answered some', () => served().every((count, index) => count > (before[index] ?? 0)));
  });

  it('count rates together, from wherever their user calls', async () => {
    const before = served();
    const all = await inTurns(addresses(30, 90), (from) => ask(customers, from, tokens.reader));

    const passed = all.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(40);
    expect(passed).toBeLessThan(65); // some 85 if each counted alone; more than 40 where Redis takes its time
    await poll('each of them has answered some', () => served().every((count, index) => count > (before[index] ?? 0)));
  });

  it('have each caller at one of them, as a rule, so that Directus is asked about them once', async () => {
    const callers = addresses(150, 5);
    for (const from of Array.from({ length: 7 }, () => callers).flat()) {
      expect((await ask(customers, from, tokens.creator)).status).toBe(403);
    }

    const asked = world.directus.asked.filter(({ path }) => path === '/permissions/me');
    expect(asked.length).toBeLessThan(2 * callers.length); // three times as many if they took turns
  });

  describe('tell Directus the site’s name and scheme', () => {
    const claimed = {
      'X-Forwarded-Host': 'claimed.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Claim': 'more',
    };
    const told = async (from: string) => {
      await ask('/items/customers', from, tokens.admin, claimed);
      return [...world.directus.wire.received().matchAll(/^(x-forwarded-(?!for)\S+: .*)\r$/gim)].map(
        ([, line]) => line,
      );
    };

    it('as the caller has reached them, whatever they claim', async () => {
      const host = new URL(scaled.balancer.url).host;
      expect(await told('127.0.3.9')).toEqual(['x-forwarded-proto: http', `x-forwarded-host: ${host}`]);
    });

    it('as a trusted proxy says', async () => {
      expect(await told(proxy)).toEqual(['x-forwarded-proto: https', 'x-forwarded-host: claimed.example']);
    });
  });

  describe('show Directus as the caller’s address', () => {
    const forged = { 'X-Forwarded-For': '203.0.113.7', 'X-Real-IP': '203.0.113.7', Forwarded: 'for=203.0.113.7' };
    const rows = [
      { who: 'theirs', from: '127.0.3.1', seen: '127.0.3.1' },
      { who: 'theirs, whatever they claim', from: '127.0.3.2', more: forged, seen: '127.0.3.2' },
      {
        who: 'theirs, when they pose as the balancer',
        from: '127.0.3.3',
        more: { 'X-Forwarded-For': `203.0.113.7, ${addressOfBalancer}` },
        seen: '127.0.3.3',
      },
      { who: 'a trusted proxy’s, when it names nobody', from: proxy, seen: proxy },
      {
        who: 'the one that a trusted proxy names last',
        from: proxy,
        more: { 'X-Forwarded-For': '203.0.113.7, 198.51.100.9' },
        seen: '198.51.100.9',
      },
      {
        who: 'the one before, when the last is a trusted proxy too',
        from: proxy,
        more: { 'X-Forwarded-For': `203.0.113.7, 198.51.100.10, ${farProxy}` },
        seen: '198.51.100.10',
      },
    ];

    it.each(rows)('$who', async ({ from, more = {}, seen }) => {
      for (const path of [customers, '/items/customers']) {
        world.directus.reset();
        await ask(path, from, tokens.admin, more);
        const asked = world.directus.asked.filter(({ token }) => token === tokens.admin);
        expect(asked.length).toBeGreaterThan(0);
        expect(new Set(asked.map(({ address }) => address))).toEqual(new Set([seen]));
      }
    });

    it('nothing, and refuse, when a trusted proxy names something else than an address', async () => {
      for (const named of ['unknown', `unknown, ${farProxy}`]) {
        const { status } = await ask(customers, proxy, tokens.admin, { 'X-Forwarded-For': named });
        expect(status).toBe(403);
      }
      expect(world.directus.asked.filter(({ token }) => token !== undefined)).toEqual([]);
    });
  });

  it('pass on each piece of an answer as it comes, of whatever kind', async () => {
    const kinds = [
      { 'Content-Type': 'text/event-stream' },
      { 'Content-Type': 'application/octet-stream', 'Content-Length': '7' },
    ];
    for (const kind of kinds) {
      const goOn = Promise.withResolvers<void>();
      world.stripe.answerWith(async (_request, response) => {
        response.writeHead(200, kind).write('one');
        await goOn.promise;
        response.end(' two');
      });
      const call = dial(scaled.balancer.port);
      call.send(head(`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${tokens.admin}`, 'Connection: close'));
      await call.until(/one/); // or the test does not end
      goOn.resolve();
      expect(await call.closed).toMatch(/ two/);
    }
  });

  it('break the connection of an answer that is cut off', async () => {
    world.stripe.answerWith((_request, response) => {
      response.write('{"id":"cut ', () => response.destroy());
    });

    await expect(ask(customers, '127.0.4.1')).rejects.toThrow('aborted');
  });

  it('let go of an API’s answer when its caller leaves', async () => {
    const left = Promise.withResolvers<void>();
    world.stripe.answerWith((_request, response) => response.on('close', left.resolve));
    const call = dial(scaled.balancer.port);
    call.send(head(`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${tokens.admin}`));
    await world.stripe.arrived(1);
    call.socket.destroy();

    await left.promise;
  });

  it('take the largest heads that one of them takes alone, and say of larger ones what it says', async () => {
    const large = 'x'.repeat(15_000);
    expect((await ask(customers, '127.0.4.2', tokens.admin, { 'X-Large': large })).status).toBe(200);
    expect(
      (await ask(customers, '127.0.4.2', tokens.admin, { 'X-Large': `${large}${large.slice(0, 5_000)}` })).status,
    ).toBe(431);
  });

  it('carry a WebSocket of the front door', async () => {
    const socket = new WebSocket(`${scaled.balancer.url.replace('http', 'ws')}/websocket`);
    await once(socket, 'open');
    socket.send('{"type":"ping"}');
    const [answer] = await once(socket, 'message');
    expect(String(answer)).toBe('{"type":"pong"}');
    socket.close();
    await once(socket, 'close');
  });

  it('say themselves that Directus is away, and the balancer when they are all gone', async () => {
    world.directus.answerWith((_request, response) => response.destroy());
    await poll('no gateway is ready', () =>
      scaled.balancer.log().includes("backend 'gateways' has no server available"),
    );
    const away = await ask(customers, '127.0.5.1', 'canaryTokenUnknown');
    expect(away.status).toBe(503);
    expect(JSON.parse(away.body).errors[0].extensions).toMatchObject({ service: 'directus' });

    for (const gateway of scaled.gateways) await gateway.stop();
    const gone = await ask(customers, '127.0.5.1');
    expect(gone.status).toBe(503);
    expect(gone.headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' });
    expect(JSON.parse(gone.body)).toMatchObject({
      errors: [
        {
          message: 'Service "gateway" is unavailable. None answers.',
          extensions: { code: 'SERVICE_UNAVAILABLE', service: 'gateway' },
        },
      ],
    });
  });

  it('write no token into the balancer’s log', () => {
    expect(scaled.balancer.log()).toMatch(/gateway-1/);
    expect(scaled.balancer.log()).not.toMatch(/canary|\/stripe/);
  });
});

/** Three at a time: on a busy machine more of them wait so long for Redis that they are counted without it. */
async function inTurns(addresses: string[], ask: (from: string) => Promise<Answered>): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let next = 0; next < addresses.length; next += 3) {
    answers.push(...(await Promise.all(addresses.slice(next, next + 3).map(ask))));
  }
  return answers;
}
