import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import type { Settings } from './settings.ts';
import { corsForSpa } from './spa.ts';
import { untilItAnswers } from './until-it-answers.ts';
import type { World } from './world.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts');

/** Starts the gateway in front of the world, with the real API where the settings have its keys. */
export async function startGateway(
  world: World,
  settings: Omit<Settings, 'directusPort'>,
): Promise<Child & { url: string }> {
  const port = await freePort(settings.gatewayPort, 'PORT');
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: settings.logLevel,
    SERVER_SHUTDOWN_TIMEOUT: '2s', // no load balancer has to notice
    DIRECTUS_URL: world.directus.url,
    DIRECTUS_TOKEN: world.serviceToken,
    STRIPE_CUSTOMERS_COLLECTION: 'customers',
    STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id',
    TWILIO_COLLECTION: 'messages',
    FRONT_DOOR: 'true',
    ...corsForSpa,
    ...(settings.stripe ?? stripeStandIn(world)),
    ...(settings.twilio ?? twilioStandIn(world)),
  };
  // In a folder without a .env or a gateway.yaml, of which the gateway would read more than the demo means it to.
  // From source, the API page's scripts are made as it is first opened, and Node says that its means are experimental.
  const args = ['--disable-warning=ExperimentalWarning', MAIN];
  const child = startChild(process.execPath, args, { cwd: world.directus.folder, env, show: true });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(`${url}/server/ping`, child);
  } catch (error) {
    await child.stop();
    throw new Error('The gateway did not start.', { cause: error });
  }
  return { ...child, url };
}

function stripeStandIn({ stripe }: World) {
  return { STRIPE_LIVE_SECRET_KEY: stripe.secretKey, STRIPE_API_URL: stripe.url };
}

function twilioStandIn({ twilio }: World) {
  return {
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_PHONE_NUMBER: twilio.phoneNumber,
    TWILIO_API_URL: twilio.url,
  };
}
