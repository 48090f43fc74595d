import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { createRole } from '../../demo/directus/create-role.ts';
import type { PersonaName } from '../../demo/directus/personas.ts';
import { feedIs, feedState } from '../world/gateway-state.ts';
import { type LiveWorld, useLiveWorld } from '../world/live-world.ts';
import { logIn, logOut } from '../world/log-in.ts';
import { newUser, roleOf, suspend } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import { startPublicGateway } from '../world/public-gateway.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as } from '../world/use-world.ts';

const everyVersion = ['10.13.4', '11.17.4', '12.4.0'] as const;
const password = 'a password of no account but in a test';
/** For which an answer is remembered whose end nobody would tell. */
const shortTtlMs = 10_000;
const customersRoute = '/stripe/v1/customers';

describe.each(everyVersion)('on Directus %s, through a gateway with DIRECTUS_TOKEN', (version) => {
  const live = useLiveWorld(version);
  const hasItemRules = version !== '12.4.0'; // 12 without a licence refuses them
  const tellsLogouts = version !== '10.13.4'; // 10 records logins, but no logouts
  const personas = (['reader', 'creator', 'writer', 'owner', 'nobody', 'admin'] as const).filter(
    (name) => name !== 'owner' || hasItemRules,
  );
  let gateway: RunningGateway;
  /** By how much the gateway's clock is ahead. */
  let skippedMs = 0;

  const stopLater = useStops();
  beforeAll(async () => {
    const { environment, serviceToken } = live();
    const more = { DIRECTUS_TOKEN: serviceToken, STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' };
    gateway = stopLater(await startGateway({ ...environment, ...more }, { now: () => Date.now() + skippedMs }));
    await feedIs(gateway, 'ok');
  });

  it('tells the gateway of changes for longer than a few heartbeats', async () => {
    const { environment, serviceToken } = live();
    const limits = { feedHeartbeatMs: 100 };
    const beating = stopLater(await startGateway({ ...environment, DIRECTUS_TOKEN: serviceToken }, { limits }));
    await feedIs(beating, 'ok');
    await new Promise((resolve) => setTimeout(resolve, 20 * limits.feedHeartbeatMs));

    expect(await feedState(beating)).toBe('ok');
    expect(beating.logs()).not.toContain('no feed of changes');
  });

  it('lets administrators read the metrics, and nobody else', async () => {
    const { environment, serviceToken } = live();
    const more = { DIRECTUS_TOKEN: serviceToken, METRICS_ENABLED: 'true' };
    const { url } = stopLater(await startGateway({ ...environment, ...more }));
    const answers = await Promise.all(
      personas.map(async (name) => {
        const { status } = await fetch(`${url}/metrics`, { headers: as(tokenOf(live(), name)) });
        return [name, status];
      }),
    );
    expect(answers).toEqual(personas.map((name) => [name, name === 'admin' ? 200 : 403]));
  });

  const says = async (headers: Record<string, string>, path = customersRoute) =>
    (await fetch(gateway.url + path, { headers })).status;

  describe.each(personas)('the %s', (name) => {
    it('reads customers when Directus lets them read rows, and exactly those', async () => {
      const headers = as(tokenOf(live(), name));
      const rows = await readableRows(live(), headers);
      const response = await fetch(`${gateway.url}/stripe/customers`, { headers });

      expect(response.status).toBe(rows === undefined ? 403 : 200);
      if (rows === undefined) return expect(live().taps.stripe.wire.received()).toBe('');
      const shown = customerList.parse(await response.json()).map(({ id }) => id);
      expect(new Set(shown.filter((id) => isSeeded(live(), id)))).toEqual(rows);
      if (name === 'owner') expect(shown).toHaveLength(rows.size);
    });

    it('reads the payments of exactly those customers whose rows Directus lets them read', async () => {
      const headers = as(tokenOf(live(), name));
      const rows = await readableRows(live(), headers);
      for (const { id } of live().customers) {
        expect([id, await says(headers, `/stripe/payments/${id}`)]).toEqual([id, rows?.has(id) ? 200 : 403]);
      }
    });

    it.each(['customers', 'messages'] as const)(
      'creates at the API when Directus lets them create in %s',
      async (collection) => {
        const { directus, twilio, taps } = live();
        const headers = as(tokenOf(live(), name));
        const mayCreate = (await post(`${directus.url}/items/${collection}`, headers, {})) !== 403;
        const [path, body] =
          collection === 'customers'
            ? [customersRoute, { email: 'a@example.com' }]
            : [`/twilio/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`, { To: '+15005550006', Body: 'x' }];
        const status = await post(gateway.url + path, headers, body);

        expect(status).toBe(mayCreate ? (collection === 'customers' ? 200 : 201) : 403);
        expect(taps.stripe.seen.length + taps.twilio.seen.length).toBe(mayCreate ? 1 : 0);
      },
    );
  });

  it('the personas differ: some read everything, some part of it, some nothing', async () => {
    const sizes = await Promise.all(
      personas.map(async (name) => (await readableRows(live(), as(tokenOf(live(), name))))?.size ?? 0),
    );

    expect(new Set(sizes)).toEqual(new Set(hasItemRules ? [0, 2, 5] : [0, 5]));
  });

  it('a caller who logs in gets through with their token and with their session, until they log out', async () => {
    const { directus, personas: known } = live();
    const { accessToken = '' } = await logIn(directus.url, known.reader, 'json');
    const session = await logIn(directus.url, known.reader, 'session');
    expect([await says(as(accessToken)), await says({ Cookie: session.cookie })]).toEqual([200, 200]);
    await logOut(directus.url, session, 'session');
    if (!tellsLogouts) skippedMs += shortTtlMs;

    await poll('the session is refused', async () => (await says({ Cookie: session.cookie })) === 401, 2_000);
    expect(await says(as(accessToken))).toBe(200);
  });

  it('a caller with a plain JWT is refused soon after their account is suspended', async () => {
    const { directus } = live();
    const role = await createRole(directus, 'reads', [{ collection: 'customers', action: 'read' }]);
    const user = await newUser(directus, { role, password });
    const { accessToken = '' } = await logIn(directus.url, { ...user, password }, 'json');
    expect(await says(as(accessToken))).toBe(200);
    await suspend(directus, user);

    await poll('the token is refused', async () => (await says(as(accessToken))) === 401, 2_000);
  });

  it('a caller whose permission is taken is refused soon after, though remembered for minutes otherwise', async () => {
    const { directus } = live();
    const role = await createRole(directus, 'reads', [{ collection: 'customers', action: 'read' }]);
    const { token } = await newUser(directus, { role });
    expect(await says(as(token))).toBe(200);
    const permissions = await permissionsOf(live(), role);
    await callDirectus(directus, 'DELETE', '/permissions', permissions);

    await poll('the caller is refused', async () => (await says(as(token))) === 403, 2_000);
  });

  it.each([
    { what: 'of no role', roleFor: () => Promise.resolve(null) },
    {
      what: 'of the role of the reader',
      roleFor: ({ directus, personas }: LiveWorld) => roleOf(directus, personas.reader),
    },
  ])('the bearer of a share $what reads the payments of what Directus shows them, and nothing else', async (row) => {
    const { directus, customers, taps } = live();
    const role = await row.roleFor(live());
    const item = { collection: 'customers', item: '1', name: 'one', role };
    const share = await createInDirectus(directus, '/shares', item);
    const opened = await callDirectus(directus, 'POST', '/shares/auth', { share });
    const headers = as(z.object({ access_token: z.string() }).parse(opened).access_token);
    // what a share may do in 10 only Directus itself can tell
    const rows = (version === '10.13.4' ? undefined : await readableRows(live(), headers)) ?? new Set();
    const heard = await Promise.all(customers.map(({ id }) => says(headers, `/stripe/payments/${id}`)));

    expect(heard).toEqual(customers.map(({ id }) => (rows.has(id) ? 200 : 403)));
    expect(await says(headers)).toBe(403);
    expect(taps.stripe.seen.length > 0).toBe(rows.size > 0);
  });

  it('a caller without a token, or with one that Directus never gave out, is refused', async () => {
    expect([await says({}), await says(as('open-sesame'))]).toEqual([401, 401]);
    expect(live().taps.stripe.wire.received()).toBe('');
  });
});

describe('on Directus 10.13.4, through a gateway without DIRECTUS_TOKEN', () => {
  const live = useLiveWorld('10.13.4');

  it('every caller hears 503, and whoever runs it finds in the log what is missing', async () => {
    const { gateway, personas, directus, taps } = live();
    for (const token of [personas.reader.token, personas.writer.token, directus.adminToken]) {
      expect((await fetch(gateway.url + customersRoute, { headers: as(token) })).status).toBe(503);
    }

    expect(taps.stripe.wire.received()).toBe('');
    const line = await gateway.logged(({ msg }) => String(msg).includes('DIRECTUS_TOKEN'));
    expect(line).toMatchObject({ level: 50, msg: expect.stringContaining('Directus 10') });
  });
});

describe.each(['11.17.4', '12.4.0'] as const)('on Directus %s, where a rule is open to the public', (version) => {
  const live = useLiveWorld(version);

  it('a caller without a token may do what Directus grants to the public, as soon and as long as it does', async () => {
    const { directus, serviceToken, stripe, taps } = live();
    const gateway = await startPublicGateway({
      directusUrl: directus.url,
      serviceToken,
      stripeUrl: taps.stripe.origin,
      stripeKey: stripe.secretKey,
    });
    try {
      await feedIs(gateway, 'ok');
      const compared = async () => ({
        directus: (await fetch(`${directus.url}/items/customers`)).status,
        gateway: (await fetch(gateway.url + customersRoute)).status,
      });
      const creates = async () => post(gateway.url + customersRoute, {}, { email: 'a@example.com' });
      const both = (status: number) => async () => {
        const each = await compared();
        return each.directus === status && each.gateway === status;
      };
      expect(await compared()).toEqual({ directus: 403, gateway: 403 });
      expect(taps.stripe.seen).toHaveLength(0);

      const mayRead = { policy: await publicPolicy(live()), collection: 'customers', action: 'read', fields: ['*'] };
      const permission = z
        .object({ id: z.number() })
        .parse(await callDirectus(directus, 'POST', '/permissions', { ...mayRead, permissions: {} }));
      await poll('the public may read', both(200), 2_000);
      expect(await creates()).toBe(403);
      // a token that is no good does not make its bearer the public
      expect((await fetch(gateway.url + customersRoute, { headers: as('open-sesame') })).status).toBe(401);

      await callDirectus(directus, 'DELETE', `/permissions/${permission.id}`);
      await poll('the public may not read', both(403), 2_000);
    } finally {
      await gateway.stop();
    }
  });
});

const customerList = z.array(z.object({ id: z.string(), object: z.literal('customer') }));

function tokenOf({ directus, personas }: LiveWorld, name: PersonaName | 'admin'): string {
  if (name === 'admin') return directus.adminToken;
  const { [name]: persona } = personas;
  if (persona === undefined) throw new Error(`There is no ${name}.`);
  return persona.token;
}

const isSeeded = ({ customers }: LiveWorld, id: string): boolean => customers.some((customer) => customer.id === id);

/** Of a row whose fields are all hidden, Directus shows a share the bare key. */
const hiddenRow = z.number().transform(() => ({ stripe_customer_id: null }));
const row = z.object({ stripe_customer_id: z.string().nullable() }).or(hiddenRow);
const rowsAnswer = z.object({ data: z.array(row) });

/** Asks Directus itself; undefined where it refuses. */
async function readableRows({ directus }: LiveWorld, headers: Record<string, string>) {
  const response = await fetch(`${directus.url}/items/customers?fields=stripe_customer_id&limit=-1`, { headers });
  if (response.status === 403) return undefined;
  const { data } = rowsAnswer.parse(await response.json());
  return new Set(data.flatMap(({ stripe_customer_id: id }) => id ?? []));
}

async function post(url: string, headers: Record<string, string>, body: object): Promise<number> {
  const type = { 'Content-Type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers: { ...headers, ...type }, body: JSON.stringify(body) })).status;
}

/** Ids of the permissions of a role: from 11 on they are those of its policies. */
async function permissionsOf({ directus }: LiveWorld, role: string): Promise<number[]> {
  const of = directus.version === '10.13.4' ? { role: { _eq: role } } : { policy: { roles: { role: { _eq: role } } } };
  const path = `/permissions?fields=id&filter=${encodeURIComponent(JSON.stringify(of))}`;
  const found = z.array(z.object({ id: z.number() })).parse(await callDirectus(directus, 'GET', path));
  return found.map(({ id }) => id);
}

async function publicPolicy({ directus }: LiveWorld): Promise<string> {
  const path = '/access?fields=policy&filter[role][_null]=true&filter[user][_null]=true';
  const [attached] = z.array(z.object({ policy: z.string() })).parse(await callDirectus(directus, 'GET', path));
  return z.string().parse(attached?.policy);
}
