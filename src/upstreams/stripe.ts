import type { Secret } from '../config/secret.ts';
import type { Upstream } from './upstream.ts';

export type StripeSettings = {
  readonly origin: string;
  readonly secretKey: Secret;
  /** The Directus collection whose permissions govern customers and their payments. */
  readonly customersCollection: string;
};

/** Stripe: its v1 API for customers and payment intents, and the routes that the gateway composes from it. */
export const stripe = ({ origin, secretKey, customersCollection: collection }: StripeSettings): Upstream => ({
  name: 'stripe',
  origin,
  credential: { kind: 'bearer', token: secretKey },
  bodyForm: 'form-nested',
  errorForm: 'sdk',
  requestHeaders: ['stripe-version', 'x-stripe-client-user-agent'],
  idempotencyHeader: 'idempotency-key',
  firstByteTimeoutMs: 80_000, // the official client's own default
  rules: [
    { methods: ['GET', 'HEAD'], path: '/payments', collection, operation: 'list-payments' },
    { methods: ['GET', 'HEAD'], path: '/payments/:customer_id', collection, operation: 'list-customer-payments' },
    { methods: ['GET', 'HEAD'], path: '/customers', collection, operation: 'list-customers' },
    { methods: ['POST'], path: '/customers', collection, operation: 'create-customer' },
    { path: '/v1/customers', collection },
    { path: '/v1/customers/*', collection },
    { path: '/v1/payment_intents', collection },
    { path: '/v1/payment_intents/*', collection },
  ],
});
