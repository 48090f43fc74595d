import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { poll } from '../world/poll.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { findRedis, type RunningRedis } from '../world/start-redis.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const here = await findRedis();
const why = 'missing' in here ? ` (left out: ${here.missing})` : '';
const suite = 'missing' in here ? describe.skip : describe;

const config = `
upstreams:
  stripe:
    rules:
      - { path: /v1/budget, collection: customers, budget: { points: 3, per: 24d } }
      - { path: /v1/later, collection: customers, budget: { points: 1000, per: 24d } }
`;
const world = await useWorld();

suite(`two gateways on one Redis${why}`, () => {
  let redis: RunningRedis;
  let gateways: RunningGateway[] = [];
  beforeAll(async () => {
    if ('missing' in here) return;
    redis = await here.start();
    const environment = {
      ...world.environment,
      REDIS: redis.url,
      RATE_LIMITER_ENABLED: 'true',
      RATE_LIMITER_STORE: 'redis',
      RATE_LIMITER_POINTS: '100',
      RATE_LIMITER_DURATION: '3600',
      IP_TRUST_PROXY: 'true',
    };
    gateways = [await startGateway(environment, { config }), await startGateway(environment, { config })];
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop();
    await redis?.stop();
  });

  const ask = (gateway: number, path: string, token: string = tokens.admin, address = '10.0.0.1') =>
    supertest(gateways[gateway]?.url ?? '')
      .get(`/stripe/v1/${path}`)
      .set(as(token))
      .set('X-Forwarded-For', address);
  const isBack = () => poll('budgets are granted again', async () => (await ask(0, 'later')).status === 200);

  it('have one budget together, also when all ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, (_none, index) => ask(index % 2, 'budget')));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(9);
    expect(world.stripe.seen).toHaveLength(3);
  });

  it('count rates together', async () => {
    const all = await Promise.all(
      Array.from({ length: 110 }, (_none, index) => ask(index % 2, 'customers', tokens.reader, '10.0.0.2')),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(100);
  });

  const failures: [string, () => Promise<unknown> | undefined, () => Promise<unknown> | undefined][] = [
    ['is killed', async () => redis.kill(), async () => redis.start()],
    ['hangs', async () => redis.hang(), async () => redis.goOn()],
  ];
  it.each(failures)(
    'refuse what has a budget while Redis %s, let the rest through, and recover',
    async (_how, fail, mend) => {
      await isBack();
      world.reset();
      await fail();
      const began = performance.now();
      const { status, headers, body } = await ask(0, 'later');
      expect({ status, wait: headers['retry-after'] }).toEqual({ status: 503, wait: '1' });
      expect(body.errors[0]).toMatchObject({
        message: 'Service "redis" is unavailable.',
        extensions: { code: 'SERVICE_UNAVAILABLE', service: 'redis' },
      });
      expect(world.stripe.seen).toEqual([]);

      for (let number = 0; number < 10; number += 1) {
        expect((await ask(0, 'customers', tokens.reader, `10.0.${number}.3`)).status).toBe(200);
      }
      expect(performance.now() - began).toBeLessThan(2_500); // not a timeout for each
      expect((await ask(0, 'later')).status).toBe(503);
      await gateways[0]?.logged(({ msg }) => String(msg).startsWith('Redis is gone'));

      await mend();
      await isBack();
      await gateways[0]?.logged(({ msg }) => msg === 'Redis is back');
    },
  );
});
