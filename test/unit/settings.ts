import { type ReadUpstreams, readUpstreams } from '../../src/upstreams/read-upstreams.ts';
import type { Upstream } from '../../src/upstreams/upstream.ts';

export type GivenVariables = Readonly<Record<string, string | undefined>>;

export const accountSid = 'AC0000000000000000000000000000000a';

/** Both packaged upstreams as an administrator switches them on. */
export const switchedOn: GivenVariables = {
  STRIPE_LIVE_SECRET_KEY: 'sk_test_canary',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: 'canary',
  TWILIO_COLLECTION: 'messages',
  TWILIO_PHONE_NUMBER: '+15550001111',
};

/** What is read from a gateway.yaml with this text, beside the packaged upstreams. */
export const declared = (text: string | undefined, variables: GivenVariables = {}): ReadUpstreams =>
  readUpstreams({
    file: text === undefined ? undefined : { name: 'gateway.yaml', text },
    resolve: (name) => variables[name] || undefined,
  });

/** An upstream of a set-up that has no faults. */
export function upstreamOf(name: string, text: string | undefined, variables: GivenVariables): Upstream {
  const { upstreams, faults } = declared(text, variables);
  const upstream = upstreams.find((each) => each.name === name);
  if (upstream === undefined || faults.length > 0) throw new Error(`No ${name}: ${JSON.stringify(faults)}`);
  return upstream;
}

export const stripeUpstream = upstreamOf('stripe', undefined, switchedOn);
export const twilioUpstream = upstreamOf('twilio', undefined, switchedOn);
