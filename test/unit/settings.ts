import { Secret } from '../../src/config/secret.ts';
import { type StripeSettings, stripe } from '../../src/upstreams/stripe.ts';
import { type TwilioSettings, twilio } from '../../src/upstreams/twilio.ts';

/** The upstreams as an administrator sets them up, for the tests of one file each. */
export const stripeSettings: StripeSettings = {
  origin: 'https://api.stripe.com',
  secretKey: new Secret('sk_test_canary', 'https://api.stripe.com'),
  customersCollection: 'customers',
};

export const accountSid = 'AC0000000000000000000000000000000a';
export const twilioSettings: TwilioSettings = {
  origin: 'https://api.twilio.com',
  accountSid,
  user: accountSid,
  password: new Secret('canary', 'https://api.twilio.com'),
  collection: 'messages',
  phoneNumber: '+15550001111',
};

export const stripeUpstream = stripe(stripeSettings);
export const twilioUpstream = twilio(twilioSettings);
