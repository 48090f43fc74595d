import type Stripe from 'stripe';
import { isClosed } from '../errors/code-of.ts';
import { isNoConnection } from '../limit/was-never-sent.ts';
import type { Breaker } from '../stream/breaker.ts';
import { repetitionFailed } from '../stream/repeat.ts';

export type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

export type Connections = {
  /** Over connections that are kept. */
  readonly kept: HttpClient;
  /** Over a new one for each request. */
  readonly anew: HttpClient;
};

/**
 * An HTTP client for Stripe's official one, behind the breaker of the origin. A request whose connection was closed is
 * repeated once, over a new one: to every POST Stripe's client gives an idempotency key. It would do so by itself, but then
 * nobody could tell afterwards that the first one may have been seen.
 * @param onReceived called when the other side may have received a request
 */
export function guardedHttp(breaker: Breaker, { kept, anew }: Connections, onReceived?: () => void): HttpClient {
  return {
    getClientName: () => kept.getClientName(),
    makeRequest: (...call) =>
      breaker.guard(async ({ answered, failed }) => {
        try {
          const answer = await kept.makeRequest(...call).catch((error: unknown) => {
            if (!isClosed(error)) throw error;
            return anew.makeRequest(...call).catch((ofRepetition: unknown) => {
              throw repetitionFailed(ofRepetition);
            });
          });
          answered();
          onReceived?.();
          return answer;
        } catch (error) {
          failed();
          if (!isNoConnection(error)) onReceived?.();
          throw error;
        }
      }),
  };
}
