import Stripe from 'stripe';

const NAMES = ['Ada Lovelace', 'Blaise Pascal', 'Charles Babbage', 'Dorothy Vaughan', 'Emmy Noether'];
const PAYMENTS = 250;
const AT_ONCE = 25;

export type StripeCustomer = { id: string; name: string; email: string };

/** Gives the stand-in for Stripe five customers with fifty payment intents each, of which one in five is not paid yet. */
export async function seedStripe(url: string, key: string): Promise<StripeCustomer[]> {
  const stripe = new Stripe(key, { protocol: 'http', host: '127.0.0.1', port: new URL(url).port, telemetry: false });
  // The stand-in is born with a customer of its own.
  for (const { id } of (await stripe.customers.list()).data) await stripe.customers.del(id);

  const customers: StripeCustomer[] = [];
  for (const name of NAMES) {
    const email = `${name.toLowerCase().replace(' ', '.')}@example.com`;
    const { id } = await stripe.customers.create({ name, email });
    customers.push({ id, name, email });
  }
  const customerOf = (order: number) => customers[order % customers.length]?.id ?? '';
  for (let first = 0; first < PAYMENTS; first += AT_ONCE) {
    const orders = Array.from({ length: AT_ONCE }, (_, offset) => first + offset);
    await Promise.all(orders.map((order) => pay(stripe, order, customerOf(order))));
  }
  return customers;
}

async function pay(stripe: Stripe, order: number, customer: string): Promise<void> {
  const { id } = await stripe.paymentIntents.create({
    amount: 500 + 25 * order,
    currency: 'eur',
    customer,
    payment_method: 'pm_card_visa',
    description: `Order ${order + 1}`,
  });
  const isPaid = order % AT_ONCE >= AT_ONCE / 5;
  if (isPaid) await stripe.paymentIntents.confirm(id);
}
