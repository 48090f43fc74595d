import { describe, expect, it } from '@jest/globals';
import { matchRule } from '../../../src/authorize/match-rule.ts';
import { stripe } from '../../../src/upstreams/stripe.ts';
import { type Method, methods } from '../../../src/upstreams/upstream.ts';
import { stripeSettings, stripeUpstream } from '../settings.ts';

const ruleFor = (method: Method, path: string) => matchRule(stripeUpstream.rules, method, path);

describe('the routes that the gateway composes itself', () => {
  const routes: [Method, string, string][] = [
    ['GET', '/payments', 'list-payments'],
    ['HEAD', '/payments', 'list-payments'],
    ['GET', '/payments/cus_1', 'list-customer-payments'],
    ['HEAD', '/payments/cus_1', 'list-customer-payments'],
    ['GET', '/customers', 'list-customers'],
    ['HEAD', '/customers', 'list-customers'],
    ['POST', '/customers', 'create-customer'],
  ];

  it.each(routes)('%s %s', (method, path, operation) => {
    expect(ruleFor(method, path)).toEqual(expect.objectContaining({ collection: 'customers', operation }));
  });
});

describe('the customers’ collection governs customers and their payments at Stripe, with every method', () => {
  it.each([
    '/v1/customers',
    '/v1/customers/cus_1',
    '/v1/customers/cus_1/sources',
    '/v1/customers/search',
    '/v1/payment_intents/pi_1/confirm',
  ])('%s', (path) => {
    for (const method of methods) {
      const rule = ruleFor(method, path);
      expect(rule).toEqual(expect.objectContaining({ collection: 'customers' }));
      expect(rule).not.toHaveProperty('operation');
      expect(rule).not.toHaveProperty('action');
    }
  });
});

it.each(['GET', 'HEAD', 'POST'] as const)('so it does the list of payment intents: %s', (method) => {
  const rule = ruleFor(method, '/v1/payment_intents');
  expect(rule).toEqual({
    methods: expect.arrayContaining([method]),
    path: '/v1/payment_intents',
    collection: 'customers',
  });
});

describe('where the administrator names the field with the customer’s id, item rules count', () => {
  const { rules } = stripe({ ...stripeSettings, customerIdField: 'stripe_id' });
  const inPath = [{ path: 'customer_id' }, { query: 'customer' }];
  const places: [Method, string, unknown][] = [
    ['GET', '/payments', 'each-item'],
    ['GET', '/customers', 'each-item'],
    ['GET', '/payments/cus_1', inPath],
    ['GET', '/v1/customers/cus_1', inPath],
    ['DELETE', '/v1/customers/cus_1', inPath],
    ['POST', '/v1/customers/cus_1/sources', inPath],
    ['GET', '/v1/payment_intents', [{ query: 'customer' }]],
    ['POST', '/v1/payment_intents', [{ body: 'customer' }]],
  ];
  it.each(places)('%s %s', (method, path, from) => {
    expect(matchRule(rules, method, path)).toMatchObject({ row: { field: 'stripe_id', from } });
  });

  const untied: [Method, string][] = [
    ['POST', '/customers'],
    ['GET', '/v1/customers'],
    ['POST', '/v1/customers'],
    ['GET', '/v1/payment_intents/pi_1'],
    ['POST', '/v1/payment_intents/pi_1/confirm'],
  ];
  it.each(untied)('%s %s is tied to no row', (method, path) => {
    expect(matchRule(rules, method, path)).toBeDefined();
    expect(matchRule(rules, method, path)).not.toHaveProperty('row');
  });

  it('and without that field nothing is tied to one', () => {
    expect(stripeUpstream.rules.filter((rule) => 'row' in rule)).toEqual([]);
  });
});

describe('a caller reaches nothing at Stripe that no rule names', () => {
  const requests: [string, readonly Method[], string][] = [
    ['ephemeral keys, which are secrets', methods, '/v1/ephemeral_keys'],
    ['webhook endpoints, which hold secrets', methods, '/v1/webhook_endpoints'],
    ['connection tokens', methods, '/v1/terminal/connection_tokens'],
    ['card details', methods, '/v1/issuing/cards/ic_1'],
    ['the account', methods, '/v1/account'],
    ['refunds', methods, '/v1/refunds'],
    ['a resource that begins like an allowed one', methods, '/v1/customers_export'],
    ['the same in another case', methods, '/v1/Customers'],
    ['the next version of the API', methods, '/v2/customers'],
    ['no version', methods, '/customers/cus_1'],
    ['the root of the API', methods, '/v1'],
    ['a change of the list of payments', ['POST', 'PUT', 'PATCH', 'DELETE'], '/payments'],
    ['a change of all payment intents at once', ['PUT', 'PATCH', 'DELETE'], '/v1/payment_intents'],
    ['a change of a customer’s payments', ['POST', 'PUT', 'PATCH', 'DELETE'], '/payments/cus_1'],
    ['a change of the list of customers', ['PUT', 'PATCH', 'DELETE'], '/customers'],
    ['something below a customer’s payments', methods, '/payments/cus_1/x'],
  ];

  it.each(requests)('%s', (_what, withMethods, path) => {
    expect(withMethods.map((method) => ruleFor(method, path))).toEqual(withMethods.map(() => undefined));
  });
});
