import { beforeAll, beforeEach } from '@jest/globals';
import { freePort } from '../../demo/free-port.ts';
import { startWorld, type World } from '../../demo/world.ts';
import { environmentOf, installationMs, quickLogin, type Taps } from '../world/live-world.ts';
import { type Relay, startRelay } from '../world/relay.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { startTap } from '../world/tap.ts';
import { useStops } from '../world/use-stops.ts';
import { startSpa } from './start-spa.ts';

export type SpaWorld = World & {
  /** The app's address. */
  readonly app: string;
  readonly gateway: RunningGateway;
  /** Directus as the browser calls it: counts what it is asked. */
  readonly relay: Relay;
  /** What Stripe and Twilio were sent. */
  readonly taps: Taps;
};

type Wanted = {
  readonly mode: 'json' | 'cookie' | 'session';
  /** Further environment for Directus and for the gateway. */
  readonly directus?: Record<string, string>;
  readonly gateway?: Record<string, string>;
};

/**
 * For the tests of one `describe`: the built app, set up for one way to sign in, with a real Directus, stand-ins for the
 * APIs behind taps, and a gateway between them, each at an address of its own. Ask for it inside a test.
 */
export function useSpa({ mode, ...more }: Wanted): () => SpaWorld {
  const stopLater = useStops();
  let world: SpaWorld | undefined;
  beforeAll(async () => {
    const port = await freePort(undefined, 'PORT');
    const app = `http://127.0.0.1:${port}`;
    const cors = { CORS_ENABLED: 'true', CORS_ORIGIN: app };
    const surroundings = stopLater(
      await startWorld({ version: '11.17.4', env: { ...quickLogin, ...cors, ...more.directus } }),
    );
    const { directus, stripe, twilio } = surroundings;
    const relay = stopLater(await startRelay(directus.url));
    const taps = { stripe: stopLater(await startTap(stripe.url)), twilio: stopLater(await startTap(twilio.url)) };
    const gateway = stopLater(
      await startGateway({
        ...environmentOf(surroundings, taps),
        ...(mode === 'session' ? { DIRECTUS_URL: relay.url, FRONT_DOOR: 'true' } : cors),
        ...more.gateway,
      }),
    );
    const addresses = { directusUrl: relay.url, gatewayUrl: gateway.url, twilioAccountSid: twilio.accountSid };
    stopLater(await startSpa({ mode, ...addresses }, port));
    world = { ...surroundings, app, gateway, relay, taps };
  }, installationMs);
  beforeEach(() => {
    world?.taps.stripe.reset();
    world?.taps.twilio.reset();
    world?.relay.reset();
    world?.gateway.wire.clear();
  });
  return () => {
    if (world === undefined) throw new Error('The app has not started.');
    return world;
  };
}
