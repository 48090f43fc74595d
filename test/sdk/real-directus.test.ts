import { authentication, createDirectus, customEndpoint, rest, staticToken } from '@directus/sdk';
import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { RestException } from 'twilio';
import type { Persona } from '../../demo/directus/personas.ts';
import { type LiveWorld, useLiveWorld } from '../world/live-world.ts';
import { stripeBehind } from './stripe-behind.ts';
import { thrownBy } from './thrown-by.ts';
import { twilioBehind } from './twilio-behind.ts';

const world = useLiveWorld('11.17.4', { STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' });

/** Logs in as an app does, with Directus' own client, and keeps nothing but the access token. */
async function tokenOf({ directus }: LiveWorld, { email, password }: Persona): Promise<string> {
  const client = createDirectus(directus.url).with(authentication('json', { autoRefresh: false }));
  const { access_token: token } = await client.login({ email, password });
  if (token === null) throw new Error('Directus gave no token.');
  return token;
}

describe('somebody who has logged in to Directus', () => {
  it('calls Stripe, Twilio and the gateway’s own routes with the official clients', async () => {
    const { gateway, personas, twilio, taps } = world();
    const token = await tokenOf(world(), personas.writer);

    const payments = await stripeBehind(gateway.url, token).paymentIntents.list({ limit: 100 }).autoPagingToArray({
      limit: 1_000,
    });
    expect(new Set(payments.map(({ id }) => id)).size).toBe(250);

    const { sid } = await twilioBehind(gateway.url, twilio.accountSid, token).messages.create({
      from: twilio.phoneNumber,
      to: '+15005550006',
      body: 'Hello',
    });
    expect(sid).toMatch(/^SM/);

    const directus = createDirectus(gateway.url).with(staticToken(token)).with(rest());
    expect(await directus.request(customEndpoint<unknown[]>({ path: '/stripe/payments', method: 'GET' }))).toHaveLength(
      250,
    );
    for (const tap of Object.values(taps)) expect(tap.wire.received()).not.toContain(token);
  });

  it('sees their own customers only, and is told so in Stripe’s kind of error', async () => {
    const { gateway, personas, customers } = world();
    if (personas.owner === undefined) throw new Error('This Directus takes no item rules.');
    const stripe = stripeBehind(gateway.url, await tokenOf(world(), personas.owner));
    const [own, , other] = customers;

    expect(await stripe.customers.retrieve(own?.id ?? '')).toMatchObject({ email: own?.email });
    const error = await thrownBy(stripe.customers.retrieve(other?.id ?? ''));
    expect(error).toBeInstanceOf(Stripe.errors.StripePermissionError);
    expect(error).toHaveProperty('message', "You don't have permission to access this.");
  });

  it('is told in each client’s kind of error what Directus does not permit, and who it does not know', async () => {
    const { gateway, personas, twilio, taps } = world();
    const reader = await tokenOf(world(), personas.reader);

    const refused = await thrownBy(stripeBehind(gateway.url, reader).customers.create({ email: 'ada@example.com' }));
    expect(refused).toBeInstanceOf(Stripe.errors.StripePermissionError);

    const unknown = await thrownBy(stripeBehind(gateway.url, 'a-token-of-nobody').customers.list());
    expect(unknown).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);

    const forged = `${reader.slice(0, -8)}AAAAAAAA`;
    const invalid = await thrownBy(twilioBehind(gateway.url, twilio.accountSid, forged).messages.list());
    expect(invalid).toBeInstanceOf(RestException);
    expect(invalid).toMatchObject({ status: 403, code: 20_403, message: 'Invalid token.' });
    expect([...taps.stripe.seen, ...taps.twilio.seen]).toEqual([]);
  });
});
