import { describe, expect, it } from '@jest/globals';
import { type Collector, startCollector } from '../world/collector.ts';
import type { ToldSpan } from '../world/otlp.ts';
import { type GatewayOptions, startGateway } from '../world/start-gateway.ts';
import { items, stripeList } from '../world/stripe-list.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersId = '00f067aa0ba902b7';
const inTrace = (flags = '01') => ({ traceparent: `00-${traceId}-${callersId}-${flags}`, tracestate: 'shop=basket-7' });

const stopLater = useStops();
const world = await useWorld();

type Asking = {
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly token?: string;
  readonly method?: string;
};

/** What a collector is told of these requests, one after the other, by a gateway that then stops. */
async function spansOf(
  asking: readonly Asking[],
  more: Record<string, string> = {},
  options: GatewayOptions = {},
): Promise<{
  readonly spans: readonly ToldSpan[];
  readonly collector: Collector;
  readonly statuses: readonly number[];
}> {
  const collector = stopLater(await startCollector());
  const set = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin, ...more };
  const gateway = await startGateway({ ...world.environment, ...set }, options);
  world.directus.reset();
  const statuses: number[] = [];
  for (const { path, headers = {}, token = tokens.admin, method = 'GET' } of asking) {
    const answer = await fetch(`${gateway.url}${path}`, { method, headers: { ...as(token), ...headers } });
    await answer.arrayBuffer().catch(() => undefined);
    statuses.push(answer.status);
  }
  await gateway.stop();
  return { spans: collector.spans(), collector, statuses };
}

const serversOf = (spans: readonly ToldSpan[]) => spans.filter(({ kind }) => kind === 'server');
const clientsOf = (spans: readonly ToldSpan[]) => spans.filter(({ kind }) => kind === 'client');
const namesOf = (spans: readonly ToldSpan[]) => spans.map(({ name }) => name);
const headerOf = ({ traceId: trace, spanId }: ToldSpan, flags = '01') => `00-${trace}-${spanId}-${flags}`;
const port = (origin: string) => Number(new URL(origin).port);
/** The traceparents that Directus has been sent. */
const toldToDirectus = () =>
  [...world.directus.wire.received().matchAll(/^traceparent: (.*)\r$/gim)].map(([, header]) => header);

describe('an operator with a collector sees', () => {
  it('each request by its rule, below its caller, with what it asks of Directus and of the upstream below it', async () => {
    const { spans, collector } = await spansOf([{ path: '/stripe/v1/customers/cus_1?limit=1', headers: inTrace() }]);
    const [server] = serversOf(spans);
    expect(server).toMatchObject({
      name: 'GET /v1/customers/:customer_id',
      traceId,
      parentId: callersId,
      isError: false,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/customers/:customer_id',
        'http.response.status_code': 200,
        'url.scheme': 'http',
        'server.address': '127.0.0.1',
        'directus_gateway.upstream': 'stripe',
        'directus_gateway.remembered': 'miss',
      },
    });
    expect(server?.attributes).toHaveProperty(
      ['directus_gateway.rule'],
      expect.stringMatching(/ \/v1\/customers\/:customer_id$/),
    );
    const clients = clientsOf(spans);
    expect(namesOf(clients).sort()).toEqual(['GET /permissions/me', 'GET /users/me', 'GET /v1/customers/:customer_id']);
    for (const { parentId, traceId: trace } of clients) expect([trace, parentId]).toEqual([traceId, server?.spanId]);
    expect(collector.posts[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf' },
    });
  });

  it('whom it asked, and what came back', async () => {
    const { spans } = await spansOf([{ path: '/stripe/v1/customers/cus_1' }]);
    const attributes = Object.fromEntries(clientsOf(spans).map((span) => [span.name, span.attributes]));
    expect(attributes['GET /permissions/me']).toEqual({
      'http.request.method': 'GET',
      'url.template': '/permissions/me',
      'server.address': '127.0.0.1',
      'server.port': port(world.directus.url),
      'directus_gateway.upstream': 'directus',
      'http.response.status_code': 200,
    });
    expect(attributes['GET /v1/customers/:customer_id']).toEqual({
      'http.request.method': 'GET',
      'url.template': '/v1/customers/:customer_id',
      'server.address': '127.0.0.1',
      'server.port': port(world.stripe.origin),
      'directus_gateway.upstream': 'stripe',
      'http.response.status_code': 200,
    });
  });

  it('the same trace at Directus and the upstream, each below the span by which it was asked', async () => {
    const { spans } = await spansOf([{ path: '/stripe/v1/customers', headers: inTrace('03') }]);
    const [stripe] = world.stripe.seen;
    const headers = clientsOf(spans).map((span) => [
      span.attributes['directus_gateway.upstream'],
      headerOf(span, '03'),
    ]);
    expect(headers).toContainEqual(['stripe', stripe?.headers.traceparent]);
    expect(stripe?.headers.tracestate).toBeUndefined();
    const ofDirectus = headers.filter(([name]) => name === 'directus').map(([, header]) => header);
    expect(ofDirectus).toHaveLength(2);
    expect(toldToDirectus().sort()).toEqual(ofDirectus.sort());
    expect(world.directus.wire.received()).toContain('tracestate: shop=basket-7');
  });

  it('a trace of its own where the caller is in none, or says it wrongly', async () => {
    const wrong = { ...inTrace(), traceparent: `00-${traceId}-${'0'.repeat(16)}-01` };
    const { spans } = await spansOf([
      { path: '/stripe/v1/customers' },
      { path: '/stripe/v1/customers', headers: wrong },
    ]);
    const servers = serversOf(spans);
    expect(new Set([...servers.map((span) => span.traceId), traceId]).size).toBe(3);
    expect(servers.map(({ parentId }) => parentId)).toEqual(['', '']);
    expect(world.directus.wire.received()).not.toContain('tracestate');
  });

  it('each page of a list', async () => {
    world.stripe.answerWith(stripeList(items(250)));
    const { spans } = await spansOf([{ path: '/stripe/payments' }]);
    const pages = clientsOf(spans).filter(({ attributes }) => attributes['directus_gateway.upstream'] === 'stripe');
    expect(namesOf(pages)).toEqual(['GET', 'GET', 'GET']);
    expect(pages.map((page) => headerOf(page))).toEqual(world.stripe.seen.map(({ headers }) => headers.traceparent));
    const [server] = serversOf(spans);
    expect(server?.name).toBe('GET /payments');
    expect(pages.map(({ parentId }) => parentId)).toEqual(pages.map(() => server?.spanId));
  });

  it('whether the caller was remembered', async () => {
    const unknown = { path: '/stripe/v1/customers', token: 'canaryTokenUnknown' };
    const known = { path: '/stripe/v1/customers' };
    const { spans } = await spansOf([known, known, unknown, unknown]);
    const results = serversOf(spans).map(({ attributes }) => attributes['directus_gateway.remembered']);
    expect(results).toEqual(['miss', 'hit', 'miss', 'refused']);
  });

  it('refusals by their code, which are no faults of the gateway’s', async () => {
    const { spans } = await spansOf([{ path: '/stripe/v1/customers', token: tokens.nobody }, { path: '/nowhere' }]);
    const told = serversOf(spans).map(({ name, isError, attributes }) => [name, isError, attributes['error.type']]);
    expect(told).toEqual([
      ['GET /v1/customers', false, 'FORBIDDEN'],
      ['GET', false, 'ROUTE_NOT_FOUND'],
    ]);
  });

  it('an upstream that fails, and one that breaks off', async () => {
    world.stripe.answerWith((_request, response) => {
      const status = [500, 402][world.stripe.seen.length - 1];
      if (status === undefined) response.destroy();
      else response.writeHead(status).end('{}');
    });
    const asking = { path: '/stripe/v1/customers' };
    const { spans, statuses } = await spansOf([asking, asking, asking]);
    expect(statuses).toEqual([500, 402, 502]);
    const of = (kind: readonly ToldSpan[]) =>
      kind.map(({ isError, attributes }) => [
        attributes['http.response.status_code'],
        attributes['error.type'],
        isError,
      ]);
    expect(of(serversOf(spans))).toEqual([
      [500, '500', true],
      [402, undefined, false],
      [502, 'UPSTREAM_UNREACHABLE', true],
    ]);
    const clients = clientsOf(spans).filter(({ attributes }) => attributes['directus_gateway.upstream'] === 'stripe');
    expect(of(clients)).toEqual([
      [500, '500', true],
      [402, '402', true],
      [undefined, 'UPSTREAM_UNREACHABLE', true],
    ]);
  });

  it('the gateway’s own routes by their path, and others by none', async () => {
    const { spans } = await spansOf([
      { path: '/server/ping' },
      { path: '/gateway/explain?method=GET&path=/stripe/payments' },
      { path: '/wp-login.php' },
    ]);
    expect(namesOf(serversOf(spans))).toEqual(['GET /server/ping', 'GET /gateway/explain', 'GET']);
  });

  it('what passes the front door, and what Directus is told there is the gateway’s', async () => {
    const { spans } = await spansOf([{ path: '/items/articles/7', headers: inTrace() }], { FRONT_DOOR: 'true' });
    const [server, client] = [...serversOf(spans), ...clientsOf(spans)];
    expect([server?.name, client?.name]).toEqual(['GET', 'GET']);
    expect(client).toMatchObject({ parentId: server?.spanId, attributes: { 'directus_gateway.upstream': 'directus' } });
    expect(toldToDirectus()).toEqual([client && headerOf(client)]);
    expect(world.directus.wire.received()).toContain('tracestate: shop=basket-7');
    world.directus.reset();
    await spansOf([{ path: '/items/articles/7', headers: { ...inTrace(), traceparent: 'wrong' } }], {
      FRONT_DOOR: 'true',
    });
    expect(world.directus.wire.received()).not.toContain('tracestate'); // of a trace that is none
  });

  it('who tells it, as the set-up says', async () => {
    const { spans } = await spansOf([{ path: '/server/ping' }], {
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=a%2Cb,service.name=overridden',
      OTEL_SERVICE_NAME: 'gateway-of-the-shop',
      PUBLIC_URL: 'https://shop.example/api',
    });
    expect(spans[0]?.resource).toMatchObject({
      'service.name': 'gateway-of-the-shop',
      'deployment.environment.name': 'test',
      team: 'a,b',
      'process.pid': process.pid,
      'telemetry.sdk.language': 'nodejs',
    });
    expect(spans[0]?.attributes).toMatchObject({
      'server.address': 'shop.example',
      'server.port': 443,
      'url.scheme': 'https',
    });
  });
});

describe('of what is not chosen, nothing is told, and those who are asked learn so', () => {
  it.each([
    ['always_off', inTrace('01')],
    ['parentbased_always_on', inTrace('00')],
    ['traceidratio', inTrace('01')],
  ])('by %s', async (OTEL_TRACES_SAMPLER, headers) => {
    const sampler = { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: '0' };
    const { spans } = await spansOf([{ path: '/stripe/v1/customers', headers }], sampler);
    expect(spans).toEqual([]);
    const told = world.stripe.seen[0]?.headers.traceparent;
    expect(told).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(toldToDirectus()).toEqual([told, told]);
  });
});

describe('nothing is told to anybody', () => {
  it.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_TRACES_EXPORTER', 'none'],
  ])('with %s=%s, and what the caller says goes on as it came', async (name, value) => {
    const { collector } = await spansOf([{ path: '/stripe/v1/customers', headers: inTrace() }], { [name]: value });
    expect(collector.posts).toEqual([]);
    expect(world.stripe.seen[0]?.headers.traceparent).toBe(inTrace().traceparent);
  });
});
