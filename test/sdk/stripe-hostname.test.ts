import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { secrets, tokens } from '../world/world.ts';
import { thrownBy } from './thrown-by.ts';
import { useSdkWorld } from './use-sdk-world.ts';

// The gateway is at hand under two names; one of them stands for Stripe alone.
const world = await useSdkWorld({ config: 'upstreams: { stripe: { hostnames: [localhost], rules: [] } }' });
const { port } = world.gateway;
const stripeAt = (host: string, token: string = tokens.admin) =>
  new Stripe(token, { host, port, protocol: 'http', maxNetworkRetries: 0 });

describe('a program with Stripe’s own client, set to the host name that the gateway keeps for Stripe', () => {
  const stripe = stripeAt('localhost');

  it('needs nothing else to create, change, list and delete', async () => {
    const { id } = await stripe.customers.create({ email: 'ada@example.com' });
    await stripe.customers.update(id, { name: 'Ada' });
    const all = await stripe.customers.list({ limit: 1 }).autoPagingToArray({ limit: 100 });
    expect(all.map((customer) => customer.id)).toContain(id);
    expect(await stripe.customers.del(id)).toMatchObject({ deleted: true });

    const [first] = world.stripe.seen;
    expect([first?.target, first?.headers.authorization]).toEqual(['/v1/customers', `Bearer ${secrets.stripeKey}`]);
    expect(first?.headers.host).toBe(new URL(world.stripe.origin).host);
  });

  it('is thrown Stripe’s kind of error for what the gateway refuses', async () => {
    const refused = await thrownBy(stripeAt('localhost', tokens.nobody).customers.list());
    expect(refused).toBeInstanceOf(Stripe.errors.StripePermissionError);

    const uncovered = await thrownBy(stripe.accounts.list());
    expect(uncovered).toBeInstanceOf(Stripe.errors.StripePermissionError);
    expect(world.stripe.seen).toEqual([]);
  });

  it('reaches nothing but Stripe there, whatever the path says', async () => {
    const headers = { Authorization: `Bearer ${tokens.admin}` };
    const answer = await fetch(`http://localhost:${port}/twilio/2010-04-01/Accounts.json`, { headers });

    expect(answer.status).toBe(403);
    expect([...world.stripe.seen, ...world.twilio.seen]).toEqual([]);
  });

  it('does not reach Stripe without the prefix under another name', async () => {
    const error = await thrownBy(stripeAt('127.0.0.1').customers.list());

    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect(world.stripe.seen).toEqual([]);
  });
});
