import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from './start-gateway.ts';
import { type StubDirectus, startStubDirectus } from './stub-directus.ts';

/** The secrets of this world. None may turn up where it does not belong. */
export const secrets = {
  stripeKey: 'sk_test_canaryStripeKey0123456789',
  twilioToken: 'canaryTwilioToken0123456789',
} as const;

export const accountSid = 'AC00000000000000000000000000000001';
export const phoneNumber = '+15550001111';

const full = { access: 'full', fields: ['*'] };
const everything = { create: full, read: full, update: full, delete: { access: 'full' } };

/** Static tokens of the users that the stub Directus knows. */
export const tokens = {
  admin: 'canaryTokenAdmin',
  reader: 'canaryTokenReader',
  creator: 'canaryTokenCreator',
  partial: 'canaryTokenPartial',
  fields: 'canaryTokenFields',
  presets: 'canaryTokenPresets',
  nobody: 'canaryTokenNobody',
} as const;

const permissions = {
  admin: { customers: everything, messages: everything },
  reader: { customers: { read: full }, messages: { read: full } },
  creator: { customers: { create: full }, messages: { create: full } },
  partial: { customers: { read: { access: 'partial', fields: ['*'] } } },
  fields: { customers: { read: { access: 'full', fields: ['id', 'email'] } } },
  presets: { customers: { create: { ...full, presets: { name: 'x' } } } },
  nobody: {},
} as const satisfies Record<keyof typeof tokens, object>;

export type World = {
  readonly directus: StubDirectus;
  readonly stripe: RecordingUpstream;
  readonly twilio: RecordingUpstream;
  readonly gateway: RunningGateway;
  /** The gateway's variables in this world, to start another one. */
  readonly environment: Record<string, string>;
  reset(): void;
  stop(): Promise<void>;
};

/** A gateway between a stub Directus and two recording upstreams. */
export async function startWorld(more: Record<string, string> = {}, options: GatewayOptions = {}): Promise<World> {
  const [directus, stripe, twilio] = await Promise.all([
    startStubDirectus(),
    startRecordingUpstream(),
    startRecordingUpstream(),
  ]);
  for (const [name, token] of Object.entries(tokens)) {
    directus.users.set(token, { id: `user-${name}`, permissions: permissions[name as keyof typeof tokens] });
  }
  const environment = {
    DIRECTUS_URL: directus.url,
    STRIPE_LIVE_SECRET_KEY: secrets.stripeKey,
    STRIPE_CUSTOMERS_COLLECTION: 'customers',
    STRIPE_API_URL: stripe.origin,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: secrets.twilioToken,
    TWILIO_COLLECTION: 'messages',
    TWILIO_PHONE_NUMBER: phoneNumber,
    TWILIO_API_URL: twilio.origin,
    RATE_LIMITER_ENABLED: 'false', // the tests are many, and all at one address
    ...more,
  };
  const gateway = await startGateway(environment, options);
  return {
    directus,
    stripe,
    twilio,
    gateway,
    environment,
    reset: () => {
      for (const part of [directus, stripe, twilio]) part.reset();
      gateway.wire.clear();
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all([directus.stop(), stripe.stop(), twilio.stop()]);
    },
  };
}
