import { isNativeError } from 'node:util/types';
import Stripe from 'stripe';
import type { Breaker } from '../stream/breaker.ts';

/**
 * The HTTP client of Stripe's official one, behind the breaker of the origin.
 *
 * Stripe's client repeats a request whose connection was closed, even with `maxNetworkRetries: 0`, and even a POST
 * without an idempotency key, which may have been carried out (stripe-node 23.1.0, `_shouldRetry`). It knows by the
 * code of the error; such a POST's bears none.
 */
export function guardedHttp(breaker: Breaker): HttpClient {
  const client = Stripe.createNodeHttpClient();
  return {
    getClientName: () => client.getClientName(),
    makeRequest: (...call) => {
      const [, , , method, headers] = call;
      return breaker.guard(async ({ answered, failed }) => {
        try {
          const answer = await client.makeRequest(...call);
          answered();
          return answer;
        } catch (cause) {
          const isClosed = isNativeError(cause) && 'code' in cause && closed.has(cause.code);
          if (!isClosed) failed(); // else it may have been but a connection that was kept for too long
          throw isClosed && !isRepeatable(method, headers) ? new Error('The connection was closed.', { cause }) : cause;
        }
      });
    },
  };
}

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

const closed: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

const isRepeatable = (method: string, headers: object): boolean =>
  method === 'GET' ||
  Object.entries(headers).some(([name, value]) => /^idempotency-key$/i.test(name) && Boolean(value));
