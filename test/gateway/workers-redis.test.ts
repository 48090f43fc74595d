import { expect, it } from '@jest/globals';
import type { Answered } from '../world/crew-process.ts';
import { findRedis } from '../world/start-redis.ts';
import { path, useCrews } from '../world/use-crews.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const here = await findRedis();
const test = 'missing' in here ? it.skip : it;
const why = 'missing' in here ? ` (left out: ${here.missing})` : '';
const world = await useWorld();
const { start, running, configure, folder } = useCrews(world);

const passed = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200).length;

test(`several workers count rates and budgets in Redis, exactly${why}`, async () => {
  if ('missing' in here) return;
  const redis = await here.start();
  running.push(redis);
  configure(
    'upstreams: { stripe: { rules: [{ path: /v1/budget, collection: customers, budget: { points: 5, per: 24d } }] } }',
  );
  const rates = { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '40', RATE_LIMITER_DURATION: '3600' };
  const environment = { ...rates, REDIS: redis.url, RATE_LIMITER_STORE: 'redis', IP_TRUST_PROXY: 'true' };
  const gateway = await start(environment, { cwd: folder });
  const ask = (count: number, at: string, token: string, from: string) =>
    Promise.all(Array.from({ length: count }, () => gateway.ask(at, { token, from })));

  expect(passed(await ask(20, '/stripe/v1/budget', tokens.admin, '10.0.0.1'))).toBe(5);
  expect(passed(await ask(60, path, tokens.reader, '10.0.0.2'))).toBe(40);
});
