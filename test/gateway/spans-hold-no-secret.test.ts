import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { json } from '../world/answers.ts';
import { startCollector } from '../world/collector.ts';
import { startGateway } from '../world/start-gateway.ts';
import { items, stripeList } from '../world/stripe-list.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const port = () => Number(new URL(world.directus.url).port);

type Asking = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** `fetch` would not send some of these headers. */
async function send(url: string, { method = 'GET', path, headers = {}, body = '' }: Asking): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const asked = request(`${url}${path}`, { method, headers: { ...telling, ...headers } }, (answer) => {
    const status = answer.statusCode ?? 0;
    text(answer).then(
      () => resolve(status),
      () => resolve(status),
    );
  });
  asked.on('error', () => resolve(0));
  asked.end(body);
  return await promise;
}

/** What callers say wherever they can. */
const telling = {
  Host: 'bait-host.test',
  'X-Forwarded-Host': 'bait-forwarded.test',
  'X-Forwarded-Proto': 'https-bait',
  'X-Forwarded-For': '203.0.113.77',
  'X-Request-Id': 'baitRequestId',
  'User-Agent': 'baitAgent',
  Cookie: 'other=baitCookie',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  tracestate: 'shop=baitState',
  baggage: 'userId=baitBaggage',
};

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const ofJson = { 'Content-Type': 'application/json' };
const basic = (token: string) => ({ Authorization: `Basic ${btoa(`${token}:`)}` });

const asked: readonly Asking[] = [
  { path: '/stripe/v1/customers/cus_bait?expand=baitQuery', headers: as(tokens.admin) },
  { path: `/stripe/v1/customers?access_token=${tokens.admin}` },
  { path: '/stripe/v1/customers', headers: { Cookie: `directus_session_token=${tokens.admin}` } },
  { path: '/stripe/v1/customers', headers: basic(tokens.admin) },
  { path: '/stripe/v1/customers', headers: as('canaryTokenUnknown') },
  { path: '/stripe/v1/baitResource', headers: as(tokens.admin) },
  { path: '/baitName/v1', headers: as(tokens.admin) },
  { path: '/items/baitItems/baitKey', headers: as(tokens.admin) },
  { method: 'PROPFIND', path: '/stripe/v1/customers', headers: as(tokens.admin) },
  { method: 'POST', path: '/stripe/v1/customers', headers: { ...as(tokens.admin), ...form }, body: 'email=baitBody' },
  {
    method: 'POST',
    path: '/stripe/customers',
    headers: { ...as(tokens.admin), ...ofJson },
    body: '{"email":"baitBody@x.test","item":"baitItem"}',
  },
  { path: '/stripe/payments/cus_bait', headers: as(tokens.admin) },
  { path: '/stripe/v1/customers/cus_bait', headers: as(tokens.partial) },
  { path: '/stripe/payments', headers: as(tokens.admin) },
  { path: '/gateway/explain?method=GET&path=/stripe/baitPath', headers: as(tokens.admin) },
];

it('nothing that a caller, an upstream or Directus says, and no credential, reaches the collector in a span', async () => {
  const collector = stopLater(await startCollector());
  const gateway = await startGateway({
    ...world.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=canaryCollectorKey',
    IP_TRUST_PROXY: 'true',
    FRONT_DOOR: 'true',
  });
  const statuses: number[] = [];
  const askAll = async () => {
    for (const one of asked) statuses.push(await send(gateway.url, one));
  };
  world.stripe.answerWith((_request, response) => {
    response.statusMessage = 'baitReason';
    json(response, 200, { id: 'cus_bait', object: 'customer', secret: 'baitBodyOfStripe' });
  });
  await askAll();
  world.stripe.answerWith(stripeList(items(120)));
  await askAll();
  world.stripe.answerWith((_request, response) => {
    response.statusMessage = 'baitReason';
    json(response, 402, { error: { code: 'baitBodyCode', message: 'baitBodyMessage' } });
  });
  await askAll();
  world.stripe.answerWith((_request, response) => response.destroy());
  await askAll();
  world.directus.answerWith((_request, response) => {
    response.statusMessage = 'baitReason';
    json(response, 500, { errors: [{ message: 'baitDirectus', extensions: { code: 'baitCode' } }] });
  });
  for (const path of ['/stripe/v1/customers', '/items/bait'])
    statuses.push(await send(gateway.url, { path, headers: as('canaryTokenOther') }));
  await gateway.stop();

  for (const status of [200, 401, 402, 403, 404, 405, 500, 502, 503]) expect(statuses).toContain(status);
  const told = collector.received();
  expect(told).not.toMatch(/canary|bait|user-|cus_|pi_|203\.0\.113|https-/i);
  expect(gateway.logs()).not.toMatch(/canary/);
  expect(collector.posts.map(({ headers }) => headers['x-api-key'])).toContain('canaryCollectorKey');
  const names = new Set(collector.spans().map(({ name }) => name));
  for (const name of [
    'GET /v1/customers/:customer_id',
    'SEARCH /items/:collection',
    'HTTP',
    'POST /customers',
    'GET /payments',
  ])
    expect([name, names.has(name)]).toEqual([name, true]);
  expect(told).toContain(`127.0.0.1`);
  expect(collector.spans().some(({ attributes }) => attributes['server.port'] === port())).toBe(true);
});
