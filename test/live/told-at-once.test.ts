import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { callDirectus } from '../../demo/directus/call.ts';
import { createCollections } from '../../demo/directus/collections.ts';
import { createServiceUser } from '../../demo/directus/service-user.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { ageOf, feedIs, remembersFirmly } from '../world/gateway-state.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { logIn, logOut } from '../world/log-in.ts';
import { newUser } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { type Relay, startRelay } from '../world/relay.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { portOf } from '../world/verdict.ts';
import { isRefusal, revocations, timeRevocation } from './revocations.ts';

const version = '11.17.4';
/** Asked about a caller with a static token only, not by the feed for itself. */
const aboutCaller = 'GET /users/me';
const restartMs = 120_000;
const [permissionRemoved = revocationMissing()] = revocations;

describe('on Directus 11.17.4, with the token of a user who may only read who may do what', () => {
  let folder: string;
  let directus: RunningDirectus;
  let stripe: RecordingUpstream;
  let relay: Relay;
  let environment: Record<string, string>;
  let gateway: RunningGateway;

  const stopLater = useStops();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'directus-'));
    stopLater({ stop: () => rm(folder, { recursive: true }) });
    directus = stopLater(await startDirectus({ version, folder, env: quickLogin }));
    await createCollections(directus);
    stripe = stopLater(await startRecordingUpstream());
    relay = stopLater(await startRelay(directus.url));
    environment = {
      DIRECTUS_URL: relay.url,
      DIRECTUS_TOKEN: await createServiceUser(directus),
      STRIPE_LIVE_SECRET_KEY: 'sk_test_live',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: stripe.origin,
      RATE_LIMITER_ENABLED: 'false', // the tests ask again and again, all from one address
    };
    gateway = stopLater(await startGateway(environment));
  }, installationMs);

  beforeEach(() => {
    stripe.reset();
    relay.reset();
    relay.mendFeed();
  });

  it.each(revocations)('a caller $what is refused within the second, and stays refused', async ({ prepare }) => {
    await feedIs(gateway, 'ok');
    const first = await timeRevocation(gateway, await prepare(directus), false);
    const second = await timeRevocation(gateway, await prepare(directus), true);

    expect(Math.max(first.ms, second.ms)).toBeLessThan(1_000);
    expect(second.after.length).toBeGreaterThan(0);
    expect(second.after.filter((attempt) => !isRefusal(attempt))).toEqual([]);
  });

  const password = 'a password of no account but in a test';
  type Acting = { readonly email: string; readonly token: string; readonly id: string };
  it.each([
    [
      'opens a page in Data Studio',
      ({ token }: Acting) =>
        callDirectus({ url: directus.url, adminToken: token }, 'PATCH', '/users/me/track/page', {
          last_page: '/content',
        }),
    ],
    ['has another title', ({ id }: Acting) => callDirectus(directus, 'PATCH', `/users/${id}`, { title: 'Somebody' })],
    [
      'logs out somewhere else',
      async ({ email }: Acting) =>
        logOut(directus.url, await logIn(directus.url, { email, password }, 'session'), 'session'),
    ],
  ])('a caller who %s is asked about anew, and nobody else', async (_what, act) => {
    const other = await permissionRemoved.prepare(directus);
    const caller = await newUser(directus, { password });
    const headers = { Authorization: `Bearer ${caller.token}` };
    await feedIs(gateway, 'ok');
    for (const each of [other.headers, headers]) await remembersFirmly(gateway, each);
    const age = await ageOf(gateway, other.headers);

    await act(caller);
    await poll('the caller is asked about anew', async () => (await ageOf(gateway, headers)) < age);
    expect(await ageOf(gateway, other.headers)).toBeGreaterThanOrEqual(age);
  });

  describe('a caller who is known', () => {
    // The clock of this gateway stands still unless it is moved: what it remembers does not fade by itself.
    let nowMs = Date.now();
    let slow: RunningGateway;
    beforeAll(async () => {
      slow = stopLater(await startGateway(environment, { now: () => nowMs }));
    });

    it('is remembered long while changes are heard of, briefly while they are not, and long again', async () => {
      const { headers } = await permissionRemoved.prepare(directus);
      const statuses = new Set<number>();
      const ask = async () => {
        statuses.add((await fetch(`${slow.url}/stripe/v1/customers`, { headers })).status);
        return relay.asked(aboutCaller);
      };
      /** Until what was changed last has been forgotten for the second time. */
      const untilRemembered = async () => {
        let asked = await ask();
        let lastAskedAt = performance.now();
        await poll('the caller is remembered', async () => {
          const now = await ask();
          if (now > asked) lastAskedAt = performance.now();
          asked = now;
          return performance.now() - lastAskedAt > 650;
        });
        return asked;
      };
      /** How often Directus is asked when the caller comes back after this long. */
      const askedAfter = async (ms: number) => {
        const before = await ask();
        nowMs += ms;
        return (await ask()) - before;
      };

      await feedIs(slow, 'ok');
      const asked = await untilRemembered();
      expect([await askedAfter(60_000), await askedAfter(120_000)]).toEqual([0, 0]);

      relay.cutFeed();
      await feedIs(slow, 'error');
      expect(await untilRemembered()).toBeGreaterThan(asked);
      expect([await askedAfter(9_999), await askedAfter(10_001), await askedAfter(10_001)]).toEqual([0, 1, 1]);

      relay.mendFeed();
      await feedIs(slow, 'ok');
      await untilRemembered();
      expect([await askedAfter(60_000), await askedAfter(120_000)]).toEqual([0, 0]);
      expect(statuses).toEqual(new Set([200]));
    });

    it(
      'is let through and refused by the rules again after Directus was restarted',
      async () => {
        const caller = await permissionRemoved.prepare(directus);
        const ask = async () => (await fetch(`${slow.url}/stripe/v1/customers`, { headers: caller.headers })).status;
        await feedIs(slow, 'ok');
        expect(await ask()).toBe(200);

        await directus.stop();
        await feedIs(slow, 'error');
        expect(await ask()).toBe(503);

        directus = stopLater(await startDirectus({ version, folder, env: quickLogin, port: portOf(directus.url) }));
        await poll('the gateway has tried Directus again', async () => (await ask()) === 200);
        await feedIs(slow, 'ok', 30_000);
        await feedIs(gateway, 'ok', 30_000);
        const { ms, after } = await timeRevocation(gateway, caller, true);
        expect(ms).toBeLessThan(1_000);
        expect(after.filter((attempt) => !isRefusal(attempt))).toEqual([]);
      },
      restartMs,
    );
  });
});

function revocationMissing(): never {
  throw new Error('There is no revocation to test with.');
}
