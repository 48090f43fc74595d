import { afterAll, beforeEach } from '@jest/globals';
import { createEmulator } from 'emulate';
import { freePort } from '../../demo/free-port.ts';
import type { GatewayOptions } from '../world/start-gateway.ts';
import { passOnTo } from '../world/tap.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, secrets, type World } from '../world/world.ts';

/**
 * A world whose upstreams keep what they are sent and answer as Stripe and Twilio do, empty before each test: by
 * stand-ins, until a test says otherwise. After each test it is searched for secrets that are where they do not belong.
 */
export async function useSdkWorld(options: GatewayOptions = {}): Promise<World> {
  const world = await useWorld({}, options);
  const stripe = await startEmulator('stripe');
  const twilio = await startEmulator('twilio', {
    twilio: {
      account: { sid: accountSid, auth_token: secrets.twilioToken },
      phone_numbers: [{ phone_number: phoneNumber }],
    },
  });
  beforeEach(() => {
    stripe.reset();
    twilio.reset();
    world.stripe.answerWith(passOnTo(stripe.url));
    world.twilio.answerWith(passOnTo(twilio.url));
  });
  afterAll(() => Promise.all([stripe.close(), twilio.close()]));
  return world;
}

async function startEmulator(service: 'stripe' | 'twilio', seed = {}) {
  const port = await freePort(undefined, `the port of the stand-in for ${service}`);
  return createEmulator({ service, port, baseUrl: `http://127.0.0.1:${port}`, seed });
}
