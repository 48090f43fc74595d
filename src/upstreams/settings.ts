import { Secret } from '../config/secret.ts';
import type { Variables } from '../config/variables.ts';
import type { StripeSettings } from './stripe.ts';
import type { TwilioSettings } from './twilio.ts';

/** What the variables say of Stripe; undefined when it is off. */
export function stripeSettings(variables: Variables): StripeSettings | undefined {
  const {
    STRIPE_LIVE_SECRET_KEY: key,
    STRIPE_CUSTOMERS_COLLECTION: customersCollection,
    STRIPE_CUSTOMER_ID_FIELD: customerIdField,
    STRIPE_API_URL: origin,
  } = variables;
  if (key === undefined || customersCollection === undefined) return undefined;
  return {
    origin,
    secretKey: new Secret(key, origin),
    customersCollection,
    ...(customerIdField !== undefined && { customerIdField }),
  };
}

/** What the variables say of Twilio; undefined when it is off. An API key is preferred to the account's own token. */
export function twilioSettings(variables: Variables): TwilioSettings | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_COLLECTION: collection, TWILIO_API_URL: origin } = variables;
  const user = variables.TWILIO_API_KEY_SID ?? accountSid;
  const password = variables.TWILIO_API_KEY_SECRET ?? variables.TWILIO_AUTH_TOKEN;
  if (accountSid === undefined || collection === undefined || user === undefined || password === undefined)
    return undefined;
  const { TWILIO_PHONE_NUMBER: phoneNumber } = variables;
  return {
    origin,
    accountSid,
    user,
    password: new Secret(password, origin),
    collection,
    ...(phoneNumber !== undefined && { phoneNumber }),
  };
}
