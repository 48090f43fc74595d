import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type PersonaName, personas } from '../../demo/directus/personas.ts';
import { type LiveWorld, useLiveWorld, versions } from '../world/live-world.ts';
import { as } from '../world/use-world.ts';

type Need = { readonly collection: 'customers' | 'messages'; readonly action: 'create' | 'read' | 'delete' };

type Call = { readonly path: string; readonly method?: string; readonly type?: string; readonly body?: string };

type Route = {
  readonly what: string;
  readonly need: Need;
  readonly call: (world: LiveWorld) => Call | Promise<Call>;
  /** The upstream's own status for done. */
  readonly status: 200 | 201;
  /** Looks at the answer of a call that was let through. */
  readonly proves: (answer: unknown, world: LiveWorld) => void | Promise<void>;
};

const json = (body: object) => ({ method: 'POST', type: 'application/json', body: JSON.stringify(body) });
const form = (body: Record<string, string>) => ({
  method: 'POST',
  type: 'application/x-www-form-urlencoded',
  body: String(new URLSearchParams(body)),
});
const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const messages = ({ twilio }: LiveWorld) => `/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`;
const message = { To: '+15005550006', Body: 'Grüße & more = 100 %' };
const sentMessage = ({ twilio }: LiveWorld) =>
  expect.objectContaining({ from: twilio.phoneNumber, to: message.To, body: message.Body });

const payments = z.array(z.object({ id: z.string(), object: z.literal('payment_intent'), customer: z.string() }));
const customers = z.array(z.object({ id: z.string(), object: z.literal('customer'), email: z.string() }));
const listOf = <Items extends z.ZodType>(data: Items) => z.object({ object: z.literal('list'), data });

const routes: Route[] = [
  {
    what: 'reads every payment',
    need: { collection: 'customers', action: 'read' },
    call: () => ({ path: '/stripe/payments' }),
    status: 200,
    proves: (answer) => {
      expect(new Set(idsOf(payments.parse(answer))).size).toBe(250);
    },
  },
  {
    what: 'reads the payments of one customer',
    need: { collection: 'customers', action: 'read' },
    call: (world) => ({ path: `/stripe/payments/${world.customers[1]?.id}` }),
    status: 200,
    proves: (answer, world) => {
      const found = payments.parse(answer);
      expect(new Set(idsOf(found)).size).toBe(50);
      expect(new Set(found.map(({ customer }) => customer))).toEqual(new Set([world.customers[1]?.id]));
    },
  },
  {
    what: 'reads every customer',
    need: { collection: 'customers', action: 'read' },
    call: () => ({ path: '/stripe/customers' }),
    status: 200,
    proves: (answer, world) => {
      expect(idsOf(customers.parse(answer))).toEqual(expect.arrayContaining(idsOf(world.customers)));
    },
  },
  {
    what: 'creates a customer',
    need: { collection: 'customers', action: 'create' },
    call: () => ({ path: '/stripe/customers', ...json({ email: 'ä+b@example.com', name: 'Grace Hopper' }) }),
    status: 200,
    proves: async (answer, world) => {
      const created = { email: 'ä+b@example.com', name: 'Grace Hopper' };
      expect(answer).toMatchObject(created);
      expect(await atStripe(world, `/v1/customers/${z.object({ id: z.string() }).parse(answer).id}`)).toMatchObject(
        created,
      );
    },
  },
  {
    what: 'reads a page of customers from the API itself',
    need: { collection: 'customers', action: 'read' },
    call: () => ({ path: '/stripe/v1/customers?limit=3' }),
    status: 200,
    proves: (answer) => {
      expect(listOf(customers).parse(answer).data).toHaveLength(3);
    },
  },
  {
    what: 'creates a customer at the API itself',
    need: { collection: 'customers', action: 'create' },
    call: () => ({ path: '/stripe/v1/customers', ...json({ email: 'c@example.com', metadata: { shop: 'north' } }) }),
    status: 200,
    proves: (answer) => {
      expect(answer).toMatchObject({ email: 'c@example.com', metadata: { shop: 'north' } });
    },
  },
  {
    what: 'deletes a customer at the API itself',
    need: { collection: 'customers', action: 'delete' },
    call: async (world) => {
      const spare = await atStripe(world, '/v1/customers', form({ email: 'spare@example.com' }));
      return { path: `/stripe/v1/customers/${z.object({ id: z.string() }).parse(spare).id}`, method: 'DELETE' };
    },
    status: 200,
    proves: (answer) => {
      expect(answer).toMatchObject({ object: 'customer', deleted: true });
    },
  },
  {
    what: 'reads a page of payments from the API itself',
    need: { collection: 'customers', action: 'read' },
    call: (world) => ({ path: `/stripe/v1/payment_intents?limit=2&customer=${world.customers[2]?.id}` }),
    status: 200,
    proves: (answer, world) => {
      const { data } = listOf(payments).parse(answer);
      expect(data.map(({ customer }) => customer)).toEqual([world.customers[2]?.id, world.customers[2]?.id]);
    },
  },
  {
    what: 'sends a message with JSON',
    need: { collection: 'messages', action: 'create' },
    call: (world) => ({ path: `/twilio${messages(world)}`, ...json(message) }),
    status: 201,
    proves: (answer, world) => {
      expect(answer).toEqual(sentMessage(world));
    },
  },
  {
    what: 'sends a message with a form',
    need: { collection: 'messages', action: 'create' },
    call: (world) => ({ path: `/twilio${messages(world)}`, ...form(message) }),
    status: 201,
    proves: (answer, world) => {
      expect(answer).toEqual(sentMessage(world));
    },
  },
  {
    what: 'reads the messages',
    need: { collection: 'messages', action: 'read' },
    call: async (world) => {
      await atTwilio(world, messages(world), form({ ...message, From: world.twilio.phoneNumber }));
      return { path: `/twilio${messages(world)}` };
    },
    status: 200,
    proves: (answer, world) => {
      expect(answer).toMatchObject({ messages: expect.arrayContaining([sentMessage(world)]) });
    },
  },
];

const callers = ['admin', 'reader', 'creator', 'writer', 'owner', 'nobody'] as const;
type Caller = (typeof callers)[number];

describe.each(versions)('on Directus %s', (version) => {
  const live = useLiveWorld(version);
  // 12 without a licence takes no item rules, and those are all that the owner has
  const present = callers.filter((name) => version !== '12.4.0' || name !== 'owner');

  describe.each(present)('the gateway lets exactly that happen which Directus says of the %s', (name) => {
    it.each(routes)('who $what', async ({ need, call, status: done, proves }) => {
      const world = live();
      const token = tokenOf(world, name);
      const mayDo = (await askDirectus(world, token))(need);
      const { status, answer } = await send(world.gateway.url, await call(world), as(token));

      if (mayDo) {
        expect({ status, answer }).toEqual({ status: done, answer });
        await proves(answer, world);
        expect(credentialsSeenBy(world)).toEqual(new Set([need.collection === 'customers' ? 'Stripe’s' : 'Twilio’s']));
        expect(seenBy(world)).not.toContain(token);
      } else {
        const message = "You don't have permission to access this.";
        expect(status).toBe(403);
        expect(answer).toMatchObject({ errors: [{ message, extensions: { code: 'FORBIDDEN' } }] });
        expect(seenBy(world)).toBe('');
      }
    });
  });

  it.each(routes)('a caller without a token is refused who $what', async ({ call }) => {
    const world = live();
    const { status, answer } = await send(world.gateway.url, await call(world), {});

    expect(status).toBe(401);
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'INVALID_CREDENTIALS' } }] });
    expect(seenBy(world)).toBe('');
  });

  it('the personas are all of them, and of each route Directus says yes to some and no to others', async () => {
    const world = live();
    expect(new Set([...Object.keys(world.personas), 'admin'])).toEqual(new Set(present));
    expect(new Set([...Object.keys(personas), 'admin'])).toEqual(new Set(callers));

    const verdicts = await Promise.all(present.map((name) => askDirectus(world, tokenOf(world, name))));
    for (const { what, need } of routes) {
      expect([what, new Set(verdicts.map((mayDo) => mayDo(need)))]).toEqual([what, new Set([true, false])]);
    }
  });
});

function tokenOf({ directus, personas }: LiveWorld, name: Caller): string {
  if (name === 'admin') return directus.adminToken;
  const persona: { token: string } | undefined = personas[name satisfies PersonaName];
  if (persona === undefined) throw new Error(`There is no ${name}.`);
  return persona.token;
}

const permissions = z.object({
  data: z.record(z.string(), z.record(z.string(), z.object({ access: z.enum(['none', 'partial', 'full']) }))),
});

/** Asks Directus itself. An item rule (`partial`) says nothing about an API whose rows Directus does not know. */
async function askDirectus({ directus }: LiveWorld, token: string): Promise<(need: Need) => boolean> {
  const response = await fetch(`${directus.url}/permissions/me`, { headers: as(token) });
  const { data } = permissions.parse(await response.json());
  return ({ collection, action }) => data[collection]?.[action]?.access === 'full';
}

async function send(origin: string, { path, method = 'GET', type, body }: Call, headers: Record<string, string>) {
  const response = await fetch(origin + path, {
    method,
    headers: { ...headers, ...(type !== undefined && { 'Content-Type': type }) },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, answer: await response.json() };
}

/** Past gateway and tap, to set something up or to see what became of it. */
const atStripe = async ({ stripe }: LiveWorld, path: string, call: Partial<Call> = {}) =>
  (await send(stripe.url, { path, ...call }, as(stripe.secretKey))).answer;

const atTwilio = async ({ twilio }: LiveWorld, path: string, call: Partial<Call> = {}) => {
  const credential = Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64');
  return (await send(twilio.url, { path, ...call }, { Authorization: `Basic ${credential}` })).answer;
};

/** Whose credentials the requests of this test bore upstream. */
function credentialsSeenBy({ taps, stripe, twilio }: LiveWorld): Set<string> {
  const account = Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64');
  const stripes = taps.stripe.seen.map(({ headers }) =>
    headers.authorization === `Bearer ${stripe.secretKey}` ? 'Stripe’s' : `${headers.authorization} at Stripe`,
  );
  const twilios = taps.twilio.seen.map(({ headers }) =>
    headers.authorization === `Basic ${account}` ? 'Twilio’s' : `${headers.authorization} at Twilio`,
  );
  return new Set([...stripes, ...twilios]);
}

/** Every byte that has come to Stripe and Twilio in this test. */
const seenBy = ({ taps }: LiveWorld): string => taps.stripe.wire.received() + taps.twilio.wire.received();
