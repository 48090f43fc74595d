import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { type Personas, seedPersonas } from '../../demo/directus/personas.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { type Login, logIn, logOut, refresh } from '../world/log-in.ts';
import { newUser, roleOf, suspend } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { portOf, verdictOn } from '../world/verdict.ts';

/** As long as a version of Directus takes to start on a slow machine. */
const restartMs = 120_000;
const ttlMs = 10_000;

const setUps = [
  { version: '11.17.4', cookieName: 'directus_session_token' },
  { version: '12.4.0', cookieName: 'house_session' },
] as const;

const modes = ['json', 'cookie', 'session'] as const;

describe.each(setUps)('on Directus $version with the session cookie $cookieName', ({ version, cookieName }) => {
  const env = { ...quickLogin, SESSION_COOKIE_NAME: cookieName };
  // The gateway's clock stands still otherwise: what it has remembered by mistake does not fade while Directus starts.
  let nowMs = Date.now();
  const passTtl = () => {
    nowMs += ttlMs;
  };
  let folder: string;
  let directus: RunningDirectus;
  let personas: Personas;
  let stripe: RecordingUpstream;
  let gateway: RunningGateway;

  const stopLater = useStops();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'directus-'));
    stopLater({ stop: () => rm(folder, { recursive: true }) });
    directus = stopLater(await startDirectus({ version, folder, env }));
    personas = await seedPersonas(directus);
    stripe = stopLater(await startRecordingUpstream());
    const variables = {
      DIRECTUS_URL: directus.url,
      SESSION_COOKIE_NAME: cookieName,
      PERMISSIONS_TTL: `${ttlMs}ms`,
      STRIPE_LIVE_SECRET_KEY: 'sk_test_live',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: stripe.origin,
      RATE_LIMITER_ENABLED: 'false', // the tests are many, and all at one address
    };
    gateway = stopLater(await startGateway(variables, { now: () => nowMs }));
  }, installationMs);

  beforeEach(() => stripe.reset());

  /** What the gateway says to whoever reads customers with these header lines. */
  const gatewaySays = (lines: string[]) => verdictOn(gateway.port, '/stripe/v1/customers', lines);
  const directusSays = (lines: string[]) => verdictOn(portOf(directus.url), '/users/me', lines);

  describe('a caller who logs in by password', () => {
    it.each(modes)('gets through with what a login in %s mode gives', async (mode) => {
      const login = await logIn(directus.url, personas.reader, mode);

      expect(await gatewaySays(proofOf(login))).toBe('200');
      expect(stripe.seen).toHaveLength(1);
    });

    it.each(modes)('gets through with what a refresh in %s mode gives', async (mode) => {
      const refreshed = await refresh(directus.url, await logIn(directus.url, personas.reader, mode), mode);

      expect(await gatewaySays(proofOf(refreshed))).toBe('200');
      expect(stripe.seen).toHaveLength(1);
    });

    it('is in session mode given the cookie of the set-up, and none of it reaches the upstream', async () => {
      const login = await logIn(directus.url, personas.reader, 'session');
      await gatewaySays(proofOf(login));

      expect(login.cookie.split('=', 1)).toEqual([cookieName]);
      expect(login.accessToken).toBeUndefined();
      expect(stripe.seen[0]?.headers).not.toHaveProperty('cookie');
      expect(stripe.wire.received()).not.toContain(login.cookie.slice(cookieName.length + 1));
    });

    it('is refused where they may do nothing, however they have logged in', async () => {
      for (const mode of modes) {
        expect(await gatewaySays(proofOf(await logIn(directus.url, personas.nobody, mode)))).toBe('403 FORBIDDEN');
      }
      expect(stripe.wire.received()).toBe('');
    });
  });

  describe('a caller whom the gateway remembers', () => {
    it('is refused PERMISSIONS_TTL after they have logged out of their session', async () => {
      const login = await logIn(directus.url, personas.reader, 'session');
      expect(await gatewaySays(proofOf(login))).toBe('200');
      await logOut(directus.url, login, 'session');
      passTtl();

      expect(await gatewaySays(proofOf(login))).toBe('401 INVALID_CREDENTIALS');
      expect(stripe.seen).toHaveLength(1);
    });

    it('keeps a plain access token after logging out, here as at Directus', async () => {
      const login = await logIn(directus.url, personas.reader, 'json');
      expect(await gatewaySays(proofOf(login))).toBe('200');
      await logOut(directus.url, login, 'json');
      passTtl();

      await expect(refresh(directus.url, login, 'json')).rejects.toThrow('401');
      expect([await directusSays(proofOf(login)), await gatewaySays(proofOf(login))]).toEqual(['200', '200']);
    });

    it('is refused PERMISSIONS_TTL after their account was suspended', async () => {
      const password = 'a password of no account but in a test';
      const user = await newUser(directus, { role: await roleOf(directus, personas.reader), password });
      const proofs = [bearer(user.token), proofOf(await logIn(directus.url, { ...user, password }, 'session'))];
      expect(await Promise.all(proofs.map(gatewaySays))).toEqual(['200', '200']);
      await suspend(directus, user);
      passTtl();

      expect(new Set(await Promise.all(proofs.map(gatewaySays)))).toEqual(new Set(['401 INVALID_CREDENTIALS']));
      expect(stripe.seen).toHaveLength(2);
    });

    it('is refused PERMISSIONS_TTL after their permission was taken, and let through as long after it was given', async () => {
      const access = { name: 'may read', admin_access: false, app_access: false };
      const policy = await createInDirectus(directus, '/policies', access);
      const { token } = await newUser(directus, { policies: [{ policy }] });
      const mayRead = { policy, collection: 'customers', action: 'read', fields: ['*'], permissions: {} };
      const verdicts: string[] = [await gatewaySays(bearer(token))];
      await callDirectus(directus, 'POST', '/permissions', mayRead);
      passTtl();
      verdicts.push(await gatewaySays(bearer(token)));
      await callDirectus(directus, 'DELETE', '/permissions', { query: { filter: { policy: { _eq: policy } } } });
      passTtl();
      verdicts.push(await gatewaySays(bearer(token)));

      expect(verdicts).toEqual(['403 FORBIDDEN', '200', '403 FORBIDDEN']);
      expect(stripe.seen).toHaveLength(1);
    });
  });

  it(
    'while Directus is stopped every caller hears 503, and none of that is remembered when it is back',
    async () => {
      const known = [
        bearer(personas.reader.token),
        proofOf(await logIn(directus.url, personas.reader, 'json')),
        proofOf(await logIn(directus.url, personas.reader, 'session')),
      ];
      const callers = [...known, bearer(personas.writer.token), bearer('open-sesame')];
      await Promise.all(known.map(gatewaySays));
      stripe.reset();
      passTtl();

      await directus.stop();
      const unavailable = callers.map(() => '503 SERVICE_UNAVAILABLE');
      expect(await Promise.all(callers.map(gatewaySays))).toEqual(unavailable);
      expect(await health()).toEqual({ status: 503, directus: 'error' });
      expect(stripe.wire.received()).toBe('');

      directus = stopLater(await startDirectus({ version, folder, env, port: portOf(directus.url) }));
      const reader = bearer(personas.reader.token);
      await poll('the gateway has tried Directus again', async () => (await gatewaySays(reader)) === '200');
      expect(await Promise.all(callers.map(gatewaySays))).toEqual([
        '200',
        '200',
        '200',
        '200',
        '401 INVALID_CREDENTIALS',
      ]);
      passTtl();
      expect(await health()).toEqual({ status: 200, directus: 'ok' });
    },
    restartMs,
  );

  async function health(): Promise<object> {
    const response = await fetch(`${gateway.url}/server/health`);
    const { checks } = Object(await response.json());
    return { status: response.status, directus: checks.directus };
  }
});

const bearer = (token: string): string[] => [`Authorization: Bearer ${token}`];

/** What a client sends from then on: the token where it got one, else the cookie. */
const proofOf = ({ accessToken, cookie }: Login): string[] =>
  accessToken === undefined ? [`Cookie: ${cookie}`] : bearer(accessToken);
