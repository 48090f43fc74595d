/** Payments of a kilobyte, newest first as Stripe lists them: what the stand-in answers, and what must arrive. */
export const payments = (first: number, count: number): readonly { readonly id: string }[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `pi_${String(first + index).padStart(8, '0')}`,
    object: 'payment_intent',
    amount: 1_000 + ((first + index) % 9_000),
    currency: 'eur',
    customer: 'cus_1',
    metadata: { order: 'x'.repeat(880) },
    status: 'succeeded',
  }));

export const pageSize = 100;
