import { isNativeError } from 'node:util/types';
import type Stripe from 'stripe';
import type { Breaker } from '../stream/breaker.ts';

export type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * An HTTP client for Stripe's official one, behind the breaker of the origin. Stripe's client repeats a request whose
 * connection was closed, even with `maxNetworkRetries: 0`; to every POST it gives an idempotency key.
 */
export function guardedHttp(breaker: Breaker, client: HttpClient): HttpClient {
  return {
    getClientName: () => client.getClientName(),
    makeRequest: (...call) =>
      breaker.guard(async ({ answered, failed }) => {
        try {
          const answer = await client.makeRequest(...call);
          answered();
          return answer;
        } catch (error) {
          const isClosed = isNativeError(error) && 'code' in error && closed.has(error.code);
          if (!isClosed) failed(); // else it may have been but a connection that was kept for too long
          throw error;
        }
      }),
  };
}

const closed: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);
