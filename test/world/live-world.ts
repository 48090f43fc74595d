import { beforeAll, beforeEach } from '@jest/globals';
import type { DirectusVersion } from '../../demo/directus/install.ts';
import { startWorld, type World } from '../../demo/world.ts';
import type { RecordingUpstream } from './recording-upstream.ts';
import { type RunningGateway, startGateway } from './start-gateway.ts';
import { startTap } from './tap.ts';
import { useStops } from './use-stops.ts';

/** The versions that every live test runs on. */
export const versions = ['11.17.4', '12.4.0'] as const satisfies readonly DirectusVersion[];

/** A first run on a machine downloads and compiles for minutes, and says so. */
export const installationMs = 600_000;

/** For Directus, which otherwise takes half a second for each login. */
export const quickLogin = { LOGIN_STALL_TIME: '0' };

export type Taps = { readonly stripe: RecordingUpstream; readonly twilio: RecordingUpstream };

export type LiveWorld = World & {
  /** What the stand-ins were sent. */
  readonly taps: Taps;
  readonly gateway: RunningGateway;
  /** The gateway's variables in this world, to start another one. */
  readonly environment: Record<string, string>;
};

/**
 * For the tests of one `describe`: a gateway between a real Directus with its personas and stand-ins for Stripe and
 * Twilio, with a tap before each, which is emptied before each test. Ask for it inside a test.
 * @param more further environment of the gateway
 * @param ofDirectus further environment of Directus
 */
export function useLiveWorld(
  version: DirectusVersion,
  more: Record<string, string> = {},
  ofDirectus: Record<string, string> = {},
): () => LiveWorld {
  const stopLater = useStops();
  let world: LiveWorld | undefined;
  beforeAll(async () => {
    const surroundings = stopLater(await startWorld({ version, env: { ...quickLogin, ...ofDirectus } }));
    const { stripe, twilio } = surroundings;
    const taps = {
      stripe: stopLater(await startTap(stripe.url)),
      twilio: stopLater(await startTap(twilio.url)),
    };
    const environment = {
      ...environmentOf(surroundings, taps),
      RATE_LIMITER_ENABLED: 'false', // the tests are many, and all at one address
      ...more,
    };
    world = { ...surroundings, taps, environment, gateway: stopLater(await startGateway(environment)) };
  }, installationMs);
  beforeEach(() => {
    world?.taps.stripe.reset();
    world?.taps.twilio.reset();
  });
  return () => {
    if (world === undefined) throw new Error('The world has not started.');
    return world;
  };
}

/** A gateway's variables in such a world. */
export const environmentOf = ({ directus, stripe, twilio }: World, taps: Taps): Record<string, string> => ({
  DIRECTUS_URL: directus.url,
  STRIPE_LIVE_SECRET_KEY: stripe.secretKey,
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  STRIPE_API_URL: taps.stripe.origin,
  TWILIO_ACCOUNT_SID: twilio.accountSid,
  TWILIO_AUTH_TOKEN: twilio.authToken,
  TWILIO_COLLECTION: 'messages',
  TWILIO_PHONE_NUMBER: twilio.phoneNumber,
  TWILIO_API_URL: taps.twilio.origin,
});
