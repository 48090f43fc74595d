import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { createLogger } from '../../src/log/logger.ts';
import { readSetup } from '../../src/read-setup.ts';
import { type Fault, faults, startFaultyRelay } from '../world/faulty-relay.ts';
import { type MixedLoad, type Outcome, startMixedLoad } from '../world/mixed-load.ts';
import { answerInParts, wholeAnswer } from '../world/parted-answer.ts';
import { poll } from '../world/poll.ts';
import { onlyConfig, startGateway } from '../world/start-gateway.ts';
import { findRedis } from '../world/start-redis.ts';
import { useStops } from '../world/use-stops.ts';
import { portOf } from '../world/verdict.ts';
import { secrets, startWorld, tokens } from '../world/world.ts';

const stopLater = useStops();
const foundRedis = await findRedis();
const redis = 'missing' in foundRedis ? undefined : stopLater(await foundRedis.start());
const world = stopLater(await startWorld());
const { directus, stripe } = world;
const toDirectus = stopLater(await startFaultyRelay(portOf(directus.url)));
const toStripe = stopLater(await startFaultyRelay(portOf(stripe.origin)));
const toRedis = redis === undefined ? undefined : stopLater(await startFaultyRelay(portOf(redis.url)));

const watched = ['access', 'activity', 'permissions', 'policies', 'roles', 'users'];
const readable = Object.fromEntries(
  watched.map((name) => [`directus_${name}`, { read: { access: 'full', fields: ['*'] } }]),
);
directus.users.set(directus.service.token, { id: 'user-service', permissions: readable });

const environment = {
  ...world.environment,
  DIRECTUS_URL: `http://127.0.0.1:${toDirectus.port}`,
  DIRECTUS_TOKEN: directus.service.token,
  STRIPE_API_URL: `http://127.0.0.1:${toStripe.port}`,
  ...(toRedis !== undefined && { REDIS: `redis://127.0.0.1:${toRedis.port}` }),
};
const config = `
upstreams:
  stripe:
    rules:
      - { path: /v1/load/*, collection: customers }
      - { path: /v1/paid/*, collection: customers, budget: { points: 1000000, per: 24d } }
`;
const limits = {
  breaker: { failures: 5, openMs: 200 },
  directusTimeoutMs: 250,
  feedHeartbeatMs: 100,
  upstream: { connectMs: 250, firstByteMs: 300, silenceMs: 300, totalMs: 2_000 },
};
/** Forty times as fast: without the feed a caller is remembered for a quarter of a second, with it for 7.5 seconds. */
const began = Date.now();
const now = () => began + (Date.now() - began) * 40;
const logger = createLogger({ level: 'silent' });
const { variables } = readSetup(environment, onlyConfig(config));
const limitStore = await createLimitStore({ variables, logger, now });
stopLater({ stop: () => Promise.resolve(limitStore.close()) });
const gateway = stopLater(await startGateway(environment, { config, limits, limitStore, now }));

const isFeed = (first: string): boolean => first.startsWith('GET /websocket');
const isNoFeed = (first: string): boolean => !isFeed(first);
const halfJson = () =>
  directus.answerWith((_request, response) => {
    response.setHeader('Content-Type', 'application/json').end('{"data":{"customers":{"read":{"acc');
  });
type Case = readonly [who: string, how: string, fail: () => void, mend: () => void];
const casesOf = (who: string, relay: typeof toStripe, only?: (first: string) => boolean): Case[] =>
  faults.map((fault: Fault) => [who, fault, () => relay.fail(fault, only), relay.mend] as const);
const cases: Case[] = [
  ...casesOf('Directus with its feed', toDirectus),
  ...casesOf('Directus without its feed', toDirectus, isNoFeed),
  ['Directus', 'full of half JSON', halfJson, () => directus.answerWith(directus.answerAsDirectus)],
  ...casesOf('the feed', toDirectus, isFeed),
  ...casesOf('the upstream', toStripe),
  ...(toRedis === undefined ? [] : casesOf('Redis', toRedis)),
];

const full = { access: 'full', fields: ['*'] };
let round = 0;
const kindsOf = (revoked: string) => [
  { name: 'read', token: tokens.reader, method: 'GET', path: '/stripe/v1/load' } as const,
  { name: 'write', token: tokens.creator, method: 'POST', path: '/stripe/v1/load' } as const,
  { name: 'stream', token: tokens.reader, method: 'GET', path: '/stripe/v1/load' } as const,
  { name: 'paid', token: tokens.creator, method: 'POST', path: '/stripe/v1/paid' } as const,
  { name: 'revoked', token: revoked, method: 'GET', path: '/stripe/v1/load' } as const,
  { name: 'forbidden', token: tokens.nobody, method: 'POST', path: '/stripe/v1/load' } as const,
  { name: 'unknown', token: 'canaryTokenStranger', method: 'POST', path: '/stripe/v1/load' } as const,
];
const health = z.object({ checks: z.object({ feed: z.string(), breakers: z.record(z.string(), z.string()) }) });
const checks = async () => health.parse(await (await fetch(`${gateway.url}/server/health`)).json()).checks;
const isAtRest = async () => {
  const { feed, breakers } = await checks();
  return feed === 'ok' && Object.values(breakers).every((state) => state === 'closed');
};
const nameOf = (target: string): string => target.split('/').at(-1) ?? '';

beforeEach(() => {
  world.reset();
  stripe.answerWith(answerInParts);
  return poll('all is well', isAtRest);
});
let load: MixedLoad | undefined;
afterEach(async () => {
  toDirectus.mend();
  toStripe.mend();
  toRedis?.mend();
  await load?.stop();
});

// Jest itself fails a test in which an error is not handled.
describe(`under load${redis === undefined ? ' (Redis is missing)' : ''}`, () => {
  it.each(cases)(
    '%s is %s, and comes back: nothing wrong goes through, and all is well again',
    async (who, _how, fail, mend) => {
      round += 1;
      const revoked = `canaryTokenRevoked${round}`;
      directus.users.set(revoked, { id: revoked, permissions: { customers: { read: full } } });
      const outcomes: Outcome[] = [];
      const good = (kind: string) => outcomes.findLast((outcome) => outcome.kind === kind)?.end === 200;
      load = startMixedLoad(gateway.url, kindsOf(revoked), (outcome) => outcomes.push(outcome));
      const served = ['read', 'write', 'stream', 'paid'];
      await poll('everybody is served', () => [...served, 'revoked'].every(good));

      fail();
      await sleep(100);
      directus.users.set(revoked, { id: revoked, permissions: {} });
      const revokedAt = performance.now();
      directus.feed.say(change);
      await sleep(faultMs);
      mend();
      await poll(`${who} is used again`, async () => served.every(good) && (await isAtRest()));
      await poll(
        'the revoked token is refused',
        () => outcomes.findLast(({ kind }) => kind === 'revoked')?.end === 403,
      );
      await load.stop();

      const upstreamSaw = stripe.seen.map(({ target }) => nameOf(target));
      const wrong = outcomes.filter(
        ({ end, name, body }) => end === 'stuck' || end === 500 || (end === 200 && body !== wholeAnswer(name)),
      );
      expect(wrong).toEqual([]);
      expect(upstreamSaw.filter((name) => /^(forbidden|unknown)/.test(name))).toEqual([]);
      const writes = upstreamSaw.filter((name) => /^(write|paid)/.test(name));
      expect(writes.length).toBe(new Set(writes).size);
      const late = outcomes.filter(({ kind, beganAt }) => kind === 'revoked' && beganAt > revokedAt + knownForMs);
      expect(late.length).toBeGreaterThan(0);
      expect(late.filter(({ name, end }) => end === 200 || upstreamSaw.includes(name))).toEqual([]);

      expect(limitStore.openRequests.count('stripe')).toBe(0);
      await poll('no connection of a caller is left', async () => (await connectionsOf()) <= 1); // one for health
      expect(gateway.wire.sent() + gateway.logs()).not.toContain(secrets.stripeKey);
    },
  );
});

const faultMs = 550;
/** After which a change has been heard of, or the loss of the feed has. */
const knownForMs = 450;
const change = '{"type":"subscription","event":"update","uid":"directus_users","data":[{"id":1}]}';

const connectionsOf = (): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  gateway.server.getConnections((_error, count) => resolve(count));
  return promise;
};
