import type { Secret } from '../config/secret.ts';
import type { RowRule, Rule, Upstream } from './upstream.ts';

export type StripeSettings = {
  readonly origin: string;
  readonly secretKey: Secret;
  /** The Directus collection whose permissions govern customers and their payments. */
  readonly customersCollection: string;
  /** The field of that collection which holds the Stripe customer id; makes item rules count. */
  readonly customerIdField?: string;
};

/** Stripe: its v1 API for customers and payment intents, and the routes that the gateway composes from it. */
export const stripe = (settings: StripeSettings): Upstream => ({
  name: 'stripe',
  origin: settings.origin,
  credential: { kind: 'bearer', token: settings.secretKey },
  bodyForm: 'form-nested',
  errorForm: 'sdk',
  requestHeaders: ['stripe-version', 'x-stripe-client-user-agent'],
  idempotencyHeader: 'idempotency-key',
  pageParameters: ['limit', 'starting_after', 'ending_before', 'page'],
  expandParameter: 'expand',
  list: {
    marks: [{ member: 'object', values: ['list', 'search_result'] }],
    items: 'data',
    envelope: ['object', 'url', 'has_more', 'next_page', 'total_count'],
  },
  errorMembers: ['type', 'code', 'decline_code', 'doc_url', 'message', 'param'].map((name) => `error.${name}`),
  firstByteTimeoutMs: 80_000, // the official client's own default
  rules: rules(settings),
});

function rules({ customersCollection: collection, customerIdField: field }: StripeSettings): Rule[] {
  const row = (from: RowRule['from']) => (field === undefined ? {} : { row: { field, from } });
  const inPath = row([{ path: 'customer_id' }, { query: 'customer' }]);
  return [
    { methods: reads, path: '/payments', collection, operation: 'list-payments', ...row('each-item') },
    { methods: reads, path: '/payments/:customer_id', collection, operation: 'list-customer-payments', ...inPath },
    { methods: reads, path: '/customers', collection, operation: 'list-customers', ...row('each-item') },
    { methods: ['POST'], path: '/customers', collection, operation: 'create-customer' },
    { path: '/v1/customers', collection },
    { path: '/v1/customers/:customer_id', collection, ...inPath },
    { path: '/v1/customers/:customer_id/*', collection, ...inPath },
    { methods: reads, path: '/v1/payment_intents', collection, ...row([{ query: 'customer' }]) },
    { methods: ['POST'], path: '/v1/payment_intents', collection, ...row([{ body: 'customer' }]) },
    { path: '/v1/payment_intents/*', collection },
  ];
}

const reads = ['GET', 'HEAD'] as const;
