import { arrayReader } from './array-reader.ts';
import type { Gateway } from './gateway.ts';
import { memberOf } from './refusal.ts';

/** What of Stripe's payment intent is shown. */
export type Payment = {
  readonly id: string;
  readonly created: Date | undefined;
  readonly amount: string;
  readonly status: string;
  readonly description: string;
};

/**
 * All payments, those that arrive together at a time: the gateway sends one array that grows while it gets page after page
 * from Stripe. Where the signal ends the reading, the gateway asks for no further page.
 * @throws as Gateway.call, and where the list breaks off
 */
export async function* readPayments(gateway: Gateway, signal: AbortSignal): AsyncGenerator<Payment[]> {
  const { body } = await gateway.call({ method: 'GET', path: '/stripe/payments', signal });
  if (body === null) return;
  const { push, end } = arrayReader();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const payments = push(value ?? '').map(paymentIn);
    if (payments.length > 0) yield payments;
  }
  end();
}

/** A permission on some fields only leaves out the others. */
function paymentIn(intent: unknown): Payment {
  const created = memberOf(intent, 'created');
  return {
    id: textIn(intent, 'id'),
    created: typeof created === 'number' ? new Date(created * 1_000) : undefined,
    amount: amountIn(memberOf(intent, 'amount'), memberOf(intent, 'currency')),
    status: textIn(intent, 'status').replaceAll('_', ' '),
    description: textIn(intent, 'description'),
  };
}

function textIn(from: unknown, name: string): string {
  const text = memberOf(from, name);
  return typeof text === 'string' ? text : '';
}

/** Stripe counts in the smallest unit of a currency (docs.stripe.com/currencies). */
function amountIn(amount: unknown, currency: unknown): string {
  if (typeof amount !== 'number' || typeof currency !== 'string' || !/^[a-z]{3}$/.test(currency)) return '';
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
