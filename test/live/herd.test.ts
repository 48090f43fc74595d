import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createCollections } from '../../demo/directus/collections.ts';
import { createRole } from '../../demo/directus/create-role.ts';
import { startDirectus } from '../../demo/directus/start.ts';
import { installationMs } from '../world/live-world.ts';
import { newUser } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { type Relay, startRelay } from '../world/relay.ts';
import { signJwt } from '../world/sign-jwt.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';

const users = 100;
const requests = 10_000;
const flood = 50_000;
const atOnce = 50;
/** On a slow machine; the flood goes all the way to Directus. */
const floodMs = 180_000;
/** Seconds since the epoch. */
const exp = Math.floor(Date.now() / 1_000) + 900;

describe('on Directus 11.17.4', () => {
  let relay: Relay;
  let environment: Record<string, string>;
  /** Plain JWTs, one for each user, as a login gives them. */
  let tokens: string[];

  const stopLater = useStops();
  beforeAll(async () => {
    const directus = stopLater(await startDirectus({ version: '11.17.4' }));
    await createCollections(directus);
    const role = await createRole(directus, 'reads', [{ collection: 'customers', action: 'read' }]);
    tokens = await Promise.all(
      Array.from({ length: users }, async () => {
        const { id } = await newUser(directus, { role });
        const claims = { iss: 'directus', id, role, app_access: false, admin_access: false, exp };
        return signJwt(claims, directus.secret);
      }),
    );
    relay = stopLater(await startRelay(directus.url));
    const stripe = stopLater(await startRecordingUpstream());
    environment = {
      DIRECTUS_URL: relay.url,
      PERMISSIONS_TTL: '5m',
      STRIPE_LIVE_SECRET_KEY: 'sk_test_live',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: stripe.origin,
      RATE_LIMITER_ENABLED: 'false',
    };
  }, installationMs);

  /** A gateway that has asked its one question at the start, whether this is Directus 10. */
  const settled = async (options: GatewayOptions = {}): Promise<RunningGateway> => {
    relay.reset();
    const gateway = stopLater(await startGateway(environment, options));
    await poll('the gateway has looked at Directus', () => relay.total() === 1);
    relay.reset();
    return gateway;
  };

  it('a hundred callers with ten thousand requests cost Directus a hundred checks', async () => {
    const gateway = await settled();
    const statuses = await askInTurn(gateway, requests, (turn) => tokens[turn % users] ?? '');

    expect(statuses).toEqual(new Map([[200, requests]]));
    expect(relay.asked('GET /permissions/me')).toBe(users);
    expect(relay.total()).toBe(users);
  });

  it(
    'a hundred callers stay known while fifty thousand forged tokens are refused, of which the oldest are forgotten',
    async () => {
      // Its clock stands still: whatever is forgotten is forgotten for want of room.
      const at = Date.now();
      const frozen = await settled({ now: () => at });
      const forged = Array.from({ length: flood }, () => signJwt({ iss: 'directus', id: randomUUID(), exp }, 'forged'));
      const known = (turn: number) => tokens[turn % users] ?? '';
      expect(await askInTurn(frozen, users, known)).toEqual(new Map([[200, users]]));
      expect(await askInTurn(frozen, flood, (turn) => forged[turn] ?? '')).toEqual(new Map([[403, flood]]));
      expect(relay.total()).toBe(users + flood);

      const askedAbout = async (who: readonly string[], status: number) => {
        relay.reset();
        expect(await askInTurn(frozen, who.length, (turn) => who[turn] ?? '')).toEqual(new Map([[status, who.length]]));
        return relay.total();
      };
      expect(await askedAbout(tokens, 200)).toBe(0);
      expect(await askedAbout(forged.slice(-1_000), 403)).toBe(0);
      expect(await askedAbout(forged.slice(0, 1_000), 403)).toBe(1_000);
    },
    floodMs,
  );
});

/** Sends requests, many at a time, each with the token of its turn, and counts the statuses. */
async function askInTurn(
  { port }: RunningGateway,
  count: number,
  tokenOf: (turn: number) => string,
): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const statuses = new Map<number, number>();
  let turn = 0;
  const askOn = async (): Promise<void> => {
    while (turn < count) {
      const status = await statusOf(port, tokenOf(turn++), agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askOn));
  agent.destroy();
  return statuses;
}

const statusOf = (port: number, token: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    const sent = request({ host: '127.0.0.1', port, path: '/stripe/v1/customers', headers, agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject).end();
  });
