import { beforeAll, describe, expect, it } from '@jest/globals';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { useBrowser } from '../world/browser.ts';
import { type DataStudio, openDataStudio } from '../world/data-studio.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { runCommand } from '../world/run-command.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as } from '../world/use-world.ts';

const clickingMs = 120_000;

describe('an administrator who does in Data Studio what docs/set-up-in-directus.md says', () => {
  const stopLater = useStops();
  const newVisitor = useBrowser();
  let directus: RunningDirectus;
  let stripe: RecordingUpstream;
  let studio: DataStudio;
  let gateway: RunningGateway;
  let ada: { readonly id: string; token: string };

  /** Each answer of Directus counts at once: the gateway hears of changes with the token of its own user. */
  const environment = () => ({
    DIRECTUS_URL: directus.url,
    STRIPE_LIVE_SECRET_KEY: 'sk_test_canaryStripeKey0123456789',
    STRIPE_CUSTOMERS_COLLECTION: 'customers',
    STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id',
    STRIPE_API_URL: stripe.origin,
  });
  const read = async (path: string) =>
    (await fetch(`${gateway.url}/stripe/v1/customers${path}`, { headers: as(ada.token) })).status;
  const create = async (body: object) => {
    const headers = { ...as(ada.token), 'Content-Type': 'application/json' };
    const send = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${gateway.url}/stripe/v1/customers`, send);
    return { status: response.status, text: await response.text() };
  };
  /** A change is told within a fraction of a second. */
  const becomes = (ask: () => Promise<number>, status: number) => expectSoon(ask, status);

  beforeAll(async () => {
    directus = stopLater(await startDirectus({ version: '11.17.4', env: quickLogin }));
    stripe = stopLater(await startRecordingUpstream());
    const { code } = await runCommand(environment(), 'init', '--token', directus.adminToken, '--yes', '--service-user');
    expect(code).toBe(0);
    const role = await createInDirectus(directus, '/roles', { name: 'Shop' });
    const user = { first_name: 'Ada', email: 'ada@example.com', role };
    ada = { id: await createInDirectus(directus, '/users', user), token: '' };
    studio = await openDataStudio(await newVisitor({ viewport: { width: 1280, height: 800 } }), directus);
  }, installationMs);

  it(
    'makes another token for the gateway’s user, with which the gateway hears of changes',
    async () => {
      await studio.openUser('Directus Gateway');
      const token = await studio.makeToken();
      gateway = stopLater(await startGateway({ ...environment(), DIRECTUS_TOKEN: token }));

      expect(token.length).toBeGreaterThan(20);
      await gateway.logged(({ msg }) => msg === 'the feed of changes from Directus is live');
    },
    clickingMs,
  );

  it(
    'makes a static token for a user',
    async () => {
      await studio.openUser('Ada');
      ada.token = await studio.makeToken();

      expect((await fetch(`${directus.url}/users/me`, { headers: as(ada.token) })).status).toBe(200);
    },
    clickingMs,
  );

  it(
    'sets Read and Create to All Access and gives the policy to a role, and requests go through that were refused',
    async () => {
      const before = [await read(''), (await create({ email: 'ada@example.com' })).status];
      await studio.openPolicy('Gateway: stripe');
      await studio.addCollection('customers');
      await studio.choose('customers', 'Read', 'All Access');
      await studio.choose('customers', 'Create', 'All Access');
      const unsaved = await read('');
      await studio.assignToRole('Shop');
      await studio.save();

      await becomes(() => read(''), 200);
      expect([...before, unsaved]).toEqual([403, 403, 403]);
      expect((await create({ email: 'ada@example.com' })).status).toBe(200);
      expect(stripe.seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
        'GET ',
        'POST email=ada%40example.com',
      ]);
    },
    clickingMs,
  );

  it(
    'ticks two fields of Create, and no other parameter may be sent any more',
    async () => {
      await studio.openPolicy('Gateway: stripe');
      await studio.choose('customers', 'Create', 'No Access');
      await studio.save();
      await studio.openPolicy('Gateway: stripe');
      await studio.choose('customers', 'Create', 'Use Custom');
      await studio.openTab('Field Permissions');
      await studio.tickFields(['Email', 'Name']);
      await studio.finish();
      await studio.save();

      const odd = { email: 'a@example.com', phone: '+1' };
      await becomes(async () => (await create(odd)).status, 403);
      await becomes(async () => (await create({ email: 'a@example.com', name: 'Ada' })).status, 200); // made after the old one has gone
      stripe.reset();
      expect((await create(odd)).text).toContain('\\"phone\\"');
      expect(stripe.seen).toEqual([]);
    },
    clickingMs,
  );

  it(
    'adds an item rule to Read, and the user sees the customer whose row is theirs, and no other',
    async () => {
      await studio.createOwner('customers');
      const rows = [
        { stripe_customer_id: 'cus_ada', owner: ada.id },
        { stripe_customer_id: 'cus_grace', owner: null },
      ];
      await callDirectus(directus, 'POST', '/items/customers', rows);
      const before = await read('/cus_grace');
      await studio.openPolicy('Gateway: stripe');
      await studio.choose('customers', 'Read', 'Use Custom');
      await studio.openTab('Item Permissions');
      await studio.addItemRule('owner', '$CURRENT_USER');
      await studio.finish();
      await studio.save();

      await becomes(() => read('/cus_grace'), 403);
      expect([before, await read('/cus_ada'), await read('/cus_grace')]).toEqual([200, 200, 403]);
      expect(await storedRule(directus)).toEqual({ _and: [{ owner: { _eq: '$CURRENT_USER' } }] });
    },
    clickingMs,
  );
});

/** Asks until the status is this. The test's own time ends it. */
async function expectSoon(ask: () => Promise<number>, status: number): Promise<void> {
  while ((await ask()) !== status) await new Promise((resolve) => setTimeout(resolve, 100));
}

async function storedRule(directus: RunningDirectus): Promise<unknown> {
  const filter = 'filter[collection][_eq]=customers&filter[action][_eq]=read';
  const found = await callDirectus(directus, 'GET', `/permissions?${filter}&fields=permissions`);
  return Array.isArray(found) ? found[0]?.permissions : undefined;
}
