import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { json } from '../world/answers.ts';
import { stripeError } from '../world/stripe-list.ts';
import { tokens } from '../world/world.ts';
import { answersOf, refusals, startTooBusy, startWithout, tooBusy } from './refusals.ts';
import { stripeBehind } from './stripe-behind.ts';
import { thrownBy } from './thrown-by.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const withoutStripe = await startWithout(world, 'STRIPE_');
const busy = await startTooBusy();
const atOnce = { maxNetworkRetries: 0 };
const { errors } = Stripe;

const classes = new Map<number, abstract new (...args: never[]) => Error>([
  [401, errors.StripeAuthenticationError],
  [403, errors.StripePermissionError],
  [502, errors.StripeAPIError],
  [503, errors.StripeAPIError],
]);

/** Each way in which a program calls Stripe. */
const calls: [string, (stripe: Stripe) => Promise<unknown>][] = [
  ['a creation', (stripe) => stripe.customers.create({ email: 'ada@example.com' })],
  ['a list', (stripe) => stripe.customers.list().autoPagingToArray({ limit: 100 })],
  ['a change', (stripe) => stripe.customers.update('cus_1', { name: 'Ada' })],
  ['a deletion', (stripe) => stripe.customers.del('cus_1')],
];

describe.each(refusals)('what Stripe’s own client throws when the gateway says $status $code', (refusal) => {
  it.each(calls)('to %s', async (_name, call) => {
    const { url, token } = refusal.arrange(world);
    const error = await thrownBy(call(stripeBehind(url, token, atOnce)));

    expect(error).toBeInstanceOf(classes.get(refusal.status));
    expect(error).toMatchObject({ statusCode: refusal.status, code: refusal.code, message: refusal.message });
    expect(answersOf(world)).toBe(1);
  });
});

describe('Stripe’s own client', () => {
  it('throws when Stripe is not switched on at the gateway', async () => {
    const error = await thrownBy(stripeBehind(withoutStripe.url, withoutStripe.token, atOnce).customers.list());

    expect(error).toBeInstanceOf(errors.StripeInvalidRequestError);
    expect(error).toMatchObject({ statusCode: 404, code: 'ROUTE_NOT_FOUND' });
    expect(error).toHaveProperty('message', "Route /stripe/v1/customers doesn't exist.");
  });

  it('throws what Stripe itself says of a customer that does not exist', async () => {
    const error = await thrownBy(stripeBehind(world.gateway.url, tokens.admin).customers.retrieve('cus_none'));

    expect(error).toBeInstanceOf(errors.StripeInvalidRequestError);
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: expect.stringMatching(/cus_none/),
    });
  });

  it('throws Stripe’s own 429, and does not repeat the call', async () => {
    world.stripe.answerWith((_request, response) => {
      response.setHeader('Retry-After', '1');
      stripeError(response, 429, { type: 'invalid_request_error', code: 'rate_limit', message: 'Slow down.' });
    });
    const error = await thrownBy(stripeBehind(world.gateway.url, tokens.admin).customers.list());

    expect(error).toBeInstanceOf(errors.StripeRateLimitError);
    expect(error).toMatchObject({ message: 'Slow down.', headers: { 'retry-after': '1' }, requestId: 'req_failed' });
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('throws the gateway’s own 429, and does not repeat the call', async () => {
    const error = await thrownBy(stripeBehind(busy.url, tokens.admin).customers.list());

    expect(error).toBeInstanceOf(errors.StripeRateLimitError);
    expect(error).toMatchObject({ statusCode: 429, message: tooBusy, headers: { 'retry-after': '1' } });
    expect(busy.answers()).toBe(1);
  });

  it('throws a declined card as a declined card', async () => {
    world.stripe.answerWith((_request, response) =>
      json(response, 402, {
        error: { type: 'card_error', code: 'card_declined', decline_code: 'fraudulent', message: 'Declined.' },
      }),
    );
    const pay = stripeBehind(world.gateway.url, tokens.admin).paymentIntents.create({ amount: 500, currency: 'eur' });

    const error = await thrownBy(pay);
    expect(error).toBeInstanceOf(errors.StripeCardError);
    expect(error).toMatchObject({ decline_code: 'fraudulent' });
  });

  it('repeats a call twice by itself while Directus is away, with one idempotency key, and then throws', async () => {
    world.directus.answerWith((_request, response) => response.destroy());
    const error = await thrownBy(
      stripeBehind(world.gateway.url, `${tokens.admin}NotAskedYet`).customers.create({ email: 'ada@example.com' }),
    );

    expect(error).toBeInstanceOf(errors.StripeAPIError);
    expect(answersOf(world)).toBe(3);
    expect(world.stripe.seen).toEqual([]);
  });

  it('does not repeat what was refused', async () => {
    const error = await thrownBy(
      stripeBehind(world.gateway.url, tokens.nobody, { maxNetworkRetries: 5 }).customers.list(),
    );

    expect(error).toBeInstanceOf(errors.StripePermissionError);
    expect(answersOf(world)).toBe(1);
  });
});
