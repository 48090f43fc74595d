import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { forbid } from '../world/answers.ts';
import { listen } from '../world/listen.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { items, stripeError, stripeList } from '../world/stripe-list.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const config = `
upstreams:
  stripe:
    rules:
      - methods: [GET]
        path: /payments
        collection: customers
        row: { field: stripe_id, from: each-item }
        operation: list-payments
        budget: { points: 9, per: 24d }
`;
const partial = 'canaryTokenManyRows';
world.directus.users.set(partial, {
  id: 'user-many-rows',
  permissions: { customers: { read: { access: 'partial', fields: ['*'] } } },
  rows: Array.from({ length: 20 }, (_, id) => ({ id, values: { stripe_id: `cus_${id}` } })),
});
const payments = items(250).map((item) => ({ ...item, customer: 'cus_1', created: 1 }));

async function start(more: Record<string, string> = {}, failures = 50) {
  const logger = pino({ level: 'silent' });
  const limitStore = await createLimitStore({ variables: { REDIS: undefined }, logger, now: Date.now });
  const limits = { breaker: { failures, openMs: 60_000 } };
  const gateway = stopLater(await startGateway({ ...world.environment, ...more }, { config, limits, limitStore }));
  /** What was counted when the failure with this code has been logged. */
  const countsAfter = async (code: string) => {
    await gateway.logged((line) => line.msg === code || line.code === code);
    return [...limitStore.counts.budgets.values()].map(({ spent, returned }) => ({ spent, returned }));
  };
  return { gateway, countsAfter };
}

/** How it ends: the status, and whether all of it came. */
async function list({ url }: RunningGateway, token: string = tokens.admin): Promise<string> {
  const answer = await fetch(`${url}/stripe/payments`, { headers: as(token) });
  const end = await answer.text().then(
    () => 'whole',
    () => 'cut',
  );
  return `${answer.status} ${end}`;
}

/** A Stripe that listens no more once it has answered a request like this. */
async function startEnding(answer: RequestListener) {
  let seen = 0;
  const server = createServer((request, response) => {
    seen += 1;
    server.close();
    response.setHeader('Connection', 'close');
    answer(request, response);
  });
  const { origin } = await listen(server);
  return { STRIPE_API_URL: origin, seen: () => seen };
}
const page: RequestListener = (request, response) => void stripeList(payments)(request, response, '');

describe('a list of which Stripe has been asked for anything is charged, whatever comes after', () => {
  it.each([
    ['finds nobody', 50, 'UPSTREAM_UNREACHABLE'],
    ['is held back by the breaker', 1, 'UPSTREAM_UNAVAILABLE'],
  ])('where a later page %s', async (_what, failures, code) => {
    const { STRIPE_API_URL, seen } = await startEnding(page);
    const { gateway, countsAfter } = await start({ STRIPE_API_URL }, failures);

    expect([await list(gateway), seen()]).toEqual(['200 cut', 1]);
    expect(await countsAfter(code)).toEqual([{ spent: 1, returned: 0 }]);
  });

  it('where the first page was answered with an error, and asking again finds nobody', async () => {
    const { STRIPE_API_URL, seen } = await startEnding((_request, response) => stripeError(response, 500, {}));
    const { gateway, countsAfter } = await start({ STRIPE_API_URL });

    expect([await list(gateway), seen()]).toEqual(['502 whole', 1]);
    expect(await countsAfter('UPSTREAM_UNREACHABLE')).toEqual([{ spent: 1, returned: 0 }]);
  });

  it.each([
    [2, '403 whole', 1],
    [3, '200 cut', 2],
  ])('where Directus forbids question %i about its rows', async (question, ends, pages) => {
    const { gateway, countsAfter } = await start();
    world.stripe.answerWith(stripeList(payments));
    forbidFrom(question);

    expect([await list(gateway, partial), world.stripe.seen.length]).toEqual([ends, pages]);
    expect(await countsAfter('FORBIDDEN')).toEqual([{ spent: 1, returned: 0 }]);
  });
});

describe('a list is given its share back where Stripe was asked for nothing', () => {
  it('since nobody was there', async () => {
    const { gateway, countsAfter } = await start({ STRIPE_API_URL: 'http://127.0.0.1:1' });

    expect(await list(gateway)).toBe('502 whole');
    expect(await countsAfter('UPSTREAM_UNREACHABLE')).toEqual([{ spent: 1, returned: 1 }]);
  });

  it('since Directus forbids the rows', async () => {
    const { gateway, countsAfter } = await start();
    forbidFrom(1);

    expect([await list(gateway, partial), world.stripe.wire.received()]).toEqual(['403 whole', '']);
    expect(await countsAfter('FORBIDDEN')).toEqual([{ spent: 1, returned: 1 }]);
  });
});

/** Directus answers no question about rows from this one on. */
function forbidFrom(question: number): void {
  let asked = 0;
  world.directus.answerWith((request, response) => {
    if (request.method === 'SEARCH') asked += 1;
    if (request.method === 'SEARCH' && asked >= question) forbid(response);
    else world.directus.answerAsDirectus(request, response);
  });
}
