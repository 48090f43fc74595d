import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';
import { z } from 'zod';
import { isAboutCredential } from '../answer/is-about-credential.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Breaker } from '../stream/breaker.ts';
import { traceOf } from '../tracing/trace.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { guardedHttp, type HttpClient } from './guarded-http.ts';
import type { Call } from './operation.ts';
import { tracedHttp } from './traced-http.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/**
 * The client for a call. A request that is in a trace has one of its own, which makes each of its calls a step; so has one
 * that has to be told of what is received.
 */
export type ClientFor = (call: Pick<Call, 'response' | 'onReceived'>) => Stripe;

/** Stripe's official client, pointed at the one origin. */
export function connectStripe(upstream: Upstream, breaker: Breaker): ClientFor {
  const { origin, credentials, requestHeaders, limits } = upstream;
  const key = credentials.find((credential) => credential.kind === 'bearer');
  const { protocol, hostname, port } = new URL(origin);
  const saying = (client: HttpClient): HttpClient => ({
    getClientName: () => client.getClientName(),
    makeRequest: (host, hostPort, path, method, headers, ...rest) =>
      client.makeRequest(host, hostPort, path, method, instead(headers, requestHeaders.set), ...rest),
  });
  const kept = saying(Stripe.createNodeHttpClient());
  const anew = saying(Stripe.createNodeHttpClient(protocol === 'http:' ? new HttpAgent() : new HttpsAgent()));
  const stripeBy = (through: (client: HttpClient) => HttpClient, onReceived?: () => void) =>
    new Stripe(key === undefined ? '' : key.token.revealFor(origin), {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      port: port || (protocol === 'http:' ? 80 : 443),
      telemetry: false,
      timeout: limits.firstByteMs,
      httpClient: guardedHttp(breaker, { kept: through(kept), anew: through(anew) }, onReceived),
    });
  const plain = (client: HttpClient) => client;
  const shared = stripeBy(plain);
  return ({ response, onReceived }) => {
    const trace = traceOf(response);
    if (trace !== undefined) return stripeBy((client) => tracedHttp(client, trace, upstream), onReceived);
    return onReceived === undefined ? shared : stripeBy(plain, onReceived);
  };
}

type Headers = Parameters<Stripe.HttpClient['makeRequest']>[4];

/** Headers with those that the set-up decides on. @param set names in lower case */
const instead = (headers: Headers, set: Readonly<Record<string, string>>): Headers => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !(name.toLowerCase() in set))),
  ...set,
});

type Cursor = { limit: number; starting_after?: string };
type Page<Item> = { readonly data: readonly Item[]; readonly has_more: boolean };

const pageSize = 100; // the most that Stripe gives

/**
 * All pages of a list, each asked for when the one before is taken. A cursor that does not move on, or comes back, is an
 * error: it is compared with one that is kept for twice as many pages each time, which finds a circle of any length.
 */
export async function* pages<Item extends { readonly id: string }>(
  list: (cursor: Cursor) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[], void, undefined> {
  let kept: string | undefined;
  let after: string | undefined;
  for (let page = 1; ; page += 1) {
    const cursor: Cursor = after === undefined ? { limit: pageSize } : { limit: pageSize, starting_after: after };
    const { data, has_more } = await list(cursor).catch(passOnFailure);
    if (!Array.isArray(data) || typeof has_more !== 'boolean') throw brokenList('no_list');
    const last = data.at(-1)?.id;
    if (has_more && (last === undefined || last === after || last === kept)) throw brokenList('cursor_stuck');
    yield data;
    if (!has_more) return;
    after = last;
    if (Number.isInteger(Math.log2(page))) kept = last;
  }
}

const brokenList = (logReason: string) => new GatewayError('UPSTREAM_UNREACHABLE', { logReason });

/** A list, or nothing where Stripe does not know (any more) what is asked for. */
export async function* ifKnown<Item>(list: AsyncGenerator<readonly Item[], void, undefined>): typeof list {
  try {
    yield* list;
  } catch (error) {
    if (!(error instanceof UpstreamAnswer) || !missing.safeParse(error.body).success) throw error;
  }
}

const missing = z.object({ error: z.object({ code: z.literal('resource_missing') }) });

/** Stripe's errors as they came, save those about the gateway's own key, which quote it. */
export function passOnFailure(error: unknown): never {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const { statusCode: status, raw, requestId } = error;
  const cause: unknown = error.detail;
  if (cause instanceof GatewayError) throw cause; // the breaker's
  if (error instanceof Stripe.errors.StripeConnectionError || status === undefined) {
    throw new GatewayError('UPSTREAM_UNREACHABLE', { cause: error });
  }
  if (isAboutCredential(status)) throw new GatewayError('UPSTREAM_CREDENTIAL_REJECTED');
  const { headers: _headers, statusCode: _statusCode, requestId: _requestId, ...body } = Object(raw);
  throw new UpstreamAnswer(status, { error: body }, requestId === undefined ? {} : { 'Request-Id': requestId });
}
