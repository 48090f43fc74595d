import type { GatewayError } from '../errors/gateway-error.ts';

/**
 * The JSON of an error: Directus' `errors`, plus, on the routes of upstreams, where an SDK is the likely reader, the
 * members that these build their exceptions from: stripe-node and openai-node `error`, twilio-node `code`, `message`
 * and `status`.
 */
export function errorBody(error: GatewayError, isForUpstream: boolean): Record<string, unknown> {
  const { code, status, message } = error;
  const errors = [{ message, extensions: { ...error.extensions, code } }];
  if (!isForUpstream) return { errors };
  return { errors, error: { type: stripeType(status), code, message }, code: twilioCode(status), message, status };
}

/** Stripe's `error.type`: 5xx are the service's fault, the rest the request's (docs.stripe.com/api/errors). */
const stripeType = (status: number): string => (status >= 500 ? 'api_error' : 'invalid_request_error');

/** Twilio's code is 20000 + status, save 20003 for failed authentication (twilio.com/docs/api/errors). */
const twilioCode = (status: number): number => (status === 401 ? 20003 : 20000 + status);
