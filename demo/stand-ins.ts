import { randomBytes } from 'node:crypto';
import { createEmulator } from 'emulate';
import { freePort } from './free-port.ts';
import { type StripeCustomer, seedStripe } from './seed-stripe.ts';

const TWILIO_NUMBER = '+15551234567';

export type StandIns = {
  stripe: { url: string; secretKey: string; customers: StripeCustomer[] };
  twilio: { url: string; accountSid: string; authToken: string; phoneNumber: string };
  stop(): Promise<void>;
};

/** Starts stand-ins for the APIs of Stripe (5 customers, 250 payment intents) and Twilio in this process. */
export async function startStandIns(ports: { stripe?: number; twilio?: number } = {}): Promise<StandIns> {
  const account = {
    accountSid: `AC${randomBytes(16).toString('hex')}`,
    authToken: randomBytes(16).toString('hex'),
    phoneNumber: TWILIO_NUMBER,
  };
  const seed = {
    twilio: {
      account: { sid: account.accountSid, auth_token: account.authToken },
      phone_numbers: [{ phone_number: account.phoneNumber }],
    },
  };
  const stripe = await startEmulator('stripe', ports.stripe);
  const twilio = await startEmulator('twilio', ports.twilio, seed).catch(async (error: unknown) => {
    await stripe.close();
    throw error;
  });
  const stop = async () => {
    await Promise.all([stripe.close(), twilio.close()]);
  };
  try {
    const customers = await seedStripe(stripe.url, newStripeKey());
    return {
      stripe: { url: stripe.url, secretKey: newStripeKey(), customers },
      twilio: { url: twilio.url, ...account },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEmulator(service: 'stripe' | 'twilio', wanted: number | undefined, seed = {}) {
  const port = await freePort(wanted, `the port of the stand-in for ${service}`);
  return createEmulator({ service, port, baseUrl: `http://127.0.0.1:${port}`, seed });
}

/** Any key will do, but after 5,000 requests within an hour a key is refused. So seeding spends one of its own. */
function newStripeKey(): string {
  return `sk_test_${randomBytes(12).toString('hex')}`;
}
