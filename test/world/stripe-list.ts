import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from './answers.ts';
import type { Answer } from './recording-upstream.ts';

export type Item = { readonly id: string; readonly object: string };

export const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: `pi_${index}`, object: 'payment_intent' }));

/** What a test does to one page before it is answered; the page goes out when this returns (or resolves) true. */
export type PageHook = (page: number, request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

/** Stripe's way of listing: `limit` at a time after `starting_after`, with `has_more` (docs.stripe.com/api/pagination). */
export function stripeList(all: readonly Item[], hook: PageHook = () => true): Answer {
  let page = 0;
  return async (request, response) => {
    const query = new URL(request.url ?? '', 'http://stripe.test').searchParams;
    const first = all.findIndex(({ id }) => id === query.get('starting_after')) + 1;
    const data = all.slice(first, first + Number(query.get('limit') ?? 10));
    page += 1;
    if (!(await hook(page, request, response))) return;
    json(response, 200, { object: 'list', data, has_more: first + data.length < all.length, url: '/v1/x' });
  };
}

/** An error as Stripe words it. */
export const stripeError = (response: ServerResponse, status: number, error: object): void => {
  response.setHeader('Request-Id', 'req_failed');
  json(response, status, { error });
};
