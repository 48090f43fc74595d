import type { Answer } from '../world/recording-upstream.ts';
import { stripeList } from '../world/stripe-list.ts';

/** So many payments at Stripe. They come until the page with this number (the first is 1); it waits until one of the two is called. */
export function heldList(count: number, page: number) {
  const { promise, resolve } = Promise.withResolvers<'release' | 'break off'>();
  const payments = Array.from({ length: count }, (_none, index) => ({
    id: `pi_${index}`,
    object: 'payment_intent',
    amount: 500 + index,
    currency: 'eur',
    status: 'succeeded',
    created: 1_790_000_000 - index,
    description: `Order ${index + 1}`,
  }));
  const answer: Answer = stripeList(payments, async (number, _request, response) => {
    if (number < page || (await promise) === 'release') return true;
    response.destroy();
    return false;
  });
  return { answer, release: () => resolve('release'), breakOff: () => resolve('break off') };
}
