import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { items, stripeList } from '../world/stripe-list.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const inTrace = { traceparent, tracestate: 'shop=basket-7', baggage: 'userId=alice' };

const stopLater = useStops();
const world = await useWorld();
const { url } = world.gateway;

const ask = async (path: string, more: Record<string, string> = inTrace, from = url) => {
  const answer = await fetch(`${from}${path}`, { headers: { ...as(tokens.admin), ...more } });
  await answer.arrayBuffer();
  return answer;
};
const about = ({ traceparent, tracestate, baggage }: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries({ traceparent, tracestate, baggage }).filter(([, value]) => value !== undefined));
const seenByStripe = () => world.stripe.seen.map(({ headers }) => about(headers));
/** Of each question for Directus, what it was told of the trace. */
const toldToDirectus = (): Record<string, string>[] =>
  world.directus.wire
    .received()
    .split(/^(?=(?:GET|SEARCH|PATCH|POST) )/m)
    .filter((text) => text !== '')
    .map((text) =>
      Object.fromEntries(
        [...text.matchAll(/^(traceparent|tracestate|baggage): (.*)\r$/gim)].map(([, name = '', value = '']) => [
          name,
          value,
        ]),
      ),
    );

describe('where a caller stands in a trace', () => {
  it('is told to the upstream by traceparent alone: tracestate may hold what a stranger must not see', async () => {
    await ask('/stripe/v1/customers');
    expect(seenByStripe()).toEqual([{ traceparent }]);
  });

  it('is told to Directus with tracestate, in each question for the caller, and baggage reaches nobody', async () => {
    const gateway = stopLater(await startGateway(world.environment));
    world.directus.reset();
    await ask('/stripe/v1/customers', inTrace, gateway.url);
    const told = toldToDirectus().filter((headers) => headers.traceparent !== undefined);
    expect(world.directus.asked.map(({ path }) => path).sort()).toEqual(['/permissions/me', '/users/me']);
    expect(told).toEqual([1, 2].map(() => ({ traceparent, tracestate: inTrace.tracestate })));
    expect(world.directus.wire.received()).not.toMatch(/baggage|alice/);
  });

  it('is told with each page of a list', async () => {
    world.stripe.answerWith(stripeList(items(150)));
    await ask('/stripe/payments');
    expect(seenByStripe()).toEqual([{ traceparent }, { traceparent }]);
  });

  it('stands in the log', async () => {
    const answer = await ask('/stripe/v1/customers/cus_log');
    const requestId = answer.headers.get('x-request-id');
    expect(await world.gateway.logged((line) => line.requestId === requestId)).toMatchObject({ trace_id: traceId });
  });

  it('is not told, nor logged, where the header is not valid', async () => {
    const answer = await ask('/stripe/v1/customers/cus_log', { ...inTrace, traceparent: `${traceparent}-x` });
    const requestId = answer.headers.get('x-request-id');
    expect(seenByStripe()).toEqual([{}]);
    expect(await world.gateway.logged((line) => line.requestId === requestId)).not.toHaveProperty('trace_id');
    await ask('/stripe/v1/customers', { tracestate: 'a=1' });
    expect(seenByStripe()).toEqual([{}, {}]);
  });

  it('is told to no upstream that the set-up keeps it from, and tracestate to one that it allows it to', async () => {
    const api = stopLater(await startRecordingUpstream());
    const declared = (name: string, headers: string) =>
      `${name}: { origin: "${api.origin}", plaintext: loopback, credential: { bearer: "\${KEY}" }, requestHeaders: ${headers}, rules: [{ path: /v1, collection: customers }] }`;
    const config = `upstreams:\n  ${declared('quiet', '{ drop: [traceparent] }')}\n  ${declared('own', '{ allow: [tracestate] }')}\n  ${declared('fixed', '{ set: { traceparent: mine } }')}`;
    const gateway = stopLater(await startGateway({ ...world.environment, KEY: 'keyOfAnApi' }, { config }));
    for (const name of ['quiet', 'own', 'fixed']) await ask(`/${name}/v1`, inTrace, gateway.url);
    expect(api.seen.map(({ headers }) => about(headers))).toEqual([
      {},
      { traceparent, tracestate: inTrace.tracestate },
      { traceparent: 'mine' },
    ]);
  });

  it('passes the front door as any other header does', async () => {
    const gateway = stopLater(await startGateway({ ...world.environment, FRONT_DOOR: 'true' }));
    world.directus.reset();
    await ask('/items/articles', { ...inTrace, traceparent: 'cc-not-valid' }, gateway.url);
    expect(toldToDirectus()).toContainEqual({ ...inTrace, traceparent: 'cc-not-valid' });
  });
});

it('baggage cannot be allowed by a declaration', async () => {
  const config = `upstreams: { api: { origin: "https://api.test", credential: { bearer: "\${KEY}" }, requestHeaders: { allow: [baggage] }, rules: [{ path: /v1, collection: customers }] } }`;
  await expect(startGateway({ ...world.environment, KEY: 'keyOfAnApi' }, { config })).rejects.toThrow(
    'is a header that only the gateway itself decides on',
  );
});
