import type Stripe from 'stripe';
import { requireDiscreet } from '../answer/require-discreet.ts';
import type { Directus } from '../directus/directus.ts';
import { invalidPayload } from '../errors/gateway-error.ts';
import type { Breaker } from '../stream/breaker.ts';
import { requireCaller } from '../stream/caller-gone.ts';
import { whenReaderStill } from '../stream/clocks.ts';
import type { OperationName, Upstream } from '../upstreams/upstream.ts';
import { createCustomer } from './create-customer.ts';
import { mergeNewestFirst } from './merge-newest-first.ts';
import type { Call, Operation, Operations } from './operation.ts';
import { onlyReadable, readableCustomers } from './readable-customers.ts';
import { type Batches, streamList } from './stream-list.ts';
import { connectStripe, ifKnown, pages, passOnFailure } from './stripe-client.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

export type StripeOperationParts = {
  readonly upstream: Upstream;
  readonly directus: Directus;
  readonly breaker: Breaker;
};

/** The routes that the original guides had, through the official client. */
export function stripeOperations({ upstream, directus, breaker }: StripeOperationParts): Operations {
  const clientFor = connectStripe(upstream, breaker);

  /** The whole list, or the part of it that belongs to rows which the caller reads in Directus. */
  const visible = async function* <Item extends Stripe.PaymentIntent | Stripe.Customer>(
    call: Call,
    { all, one, idOf }: ListParts<Item>,
  ): Batches {
    if (call.grant.rows === 'all') return yield* all();
    const few = await readableCustomers(directus, call);
    if (few !== undefined) return yield* mergeNewestFirst(few.map((id) => ifKnown(one(id))));
    yield* onlyReadable(directus, call, all(), idOf);
  };

  const list =
    (batches: (call: Call, client: Stripe) => Batches): Operation =>
    async (call) => {
      if (call.query !== '') throw invalidPayload('This list takes no parameters; the lists below /stripe/v1 do');
      await streamList(batches(call, clientFor(call)), call.response, call.cut?.item);
    };

  /**
   * Refused at once where Stripe's client would try again and again. Nothing is asked for a caller who has left, and no
   * reader who takes nothing is waited for.
   */
  const bounded =
    (operation: Operation): Operation =>
    async (call) => {
      breaker.requireClosed();
      requireCaller(call.source.request, call.response);
      const stop = whenReaderStill(call.response, upstream.limits.silenceMs, () => call.response.destroy());
      await operation(call)
        .catch((error: unknown) => {
          if (error instanceof UpstreamAnswer) requireDiscreet(JSON.stringify(error.body), upstream);
          throw error;
        })
        .finally(stop);
    };

  const operations: [OperationName, Operation][] = [
    [
      'list-payments',
      list((call, client) =>
        visible(call, {
          all: () => pages((cursor) => client.paymentIntents.list(cursor)),
          one: (id) => paymentsOf(client, id),
          idOf: payerOf,
        }),
      ),
    ],
    ['list-customer-payments', list(({ grant }, client) => paymentsOf(client, grant.path.get('customer_id') ?? ''))],
    [
      'list-customers',
      list((call, client) =>
        visible(call, {
          all: () => pages((cursor) => client.customers.list(cursor)),
          one: (id) => customer(client, id),
          idOf: ({ id }) => id,
        }),
      ),
    ],
    ['create-customer', createCustomer({ clientFor, upstream, directus })],
  ];
  return new Map(operations.map(([name, operation]) => [name, bounded(operation)]));
}

const paymentsOf = (client: Stripe, customer: string) =>
  pages((cursor) => client.paymentIntents.list({ ...cursor, customer }));

async function* customer(client: Stripe, id: string): AsyncGenerator<Stripe.Customer[], void, undefined> {
  const found = await client.customers.retrieve(id).catch(passOnFailure);
  if (!found.deleted) yield [found];
}

type ListParts<Item> = {
  readonly all: () => AsyncGenerator<readonly Item[], void, undefined>;
  /** The part of it that belongs to one customer. */
  readonly one: (customer: string) => AsyncGenerator<readonly Item[], void, undefined>;
  /** The customer to whom an item belongs. */
  readonly idOf: (item: Item) => string | undefined;
};

const payerOf = ({ customer }: Stripe.PaymentIntent): string | undefined =>
  typeof customer === 'string' ? customer : customer?.id;
