import type { GatewayError } from '../errors/gateway-error.ts';
import type { ErrorForm } from '../upstreams/upstream.ts';

/**
 * The JSON of an error: Directus' `errors`, plus, where an official SDK is the likely reader, the members that
 * stripe-node (`error`) and twilio-node (`code`, `message`, `status`) build their exceptions from.
 */
export function errorBody(error: GatewayError, form: ErrorForm): Record<string, unknown> {
  const { code, status, message } = error;
  const errors = [{ message, extensions: { ...error.extensions, code } }];
  switch (form) {
    case 'directus':
      return { errors };
    case 'sdk':
      return { errors, error: { type: stripeType(status), code, message }, code: twilioCode(status), message, status };
  }
}

/** Stripe's `error.type`: 5xx are the service's fault, the rest the request's (docs.stripe.com/api/errors). */
const stripeType = (status: number): string => (status >= 500 ? 'api_error' : 'invalid_request_error');

/** Twilio's code is 20000 + status, save 20003 for failed authentication (twilio.com/docs/api/errors). */
const twilioCode = (status: number): number => (status === 401 ? 20003 : 20000 + status);
