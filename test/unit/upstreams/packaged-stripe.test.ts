import { describe, expect, it } from '@jest/globals';
import { type Method, methods } from '../../../src/upstreams/upstream.ts';
import { packaged, publicCalls, ruleFor, spellings } from './packaged.ts';

const variables = {
  STRIPE_LIVE_SECRET_KEY: 'sk_test_canary',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  STRIPE_CUSTOMER_ID_FIELD: 'stripe_id',
};
const stripe = packaged('stripe', variables);
const calls = publicCalls('stripe');
const governing = stripe.rules.flatMap((rule) => ('deny' in rule ? [] : [rule]));

/** The collection that governs, or `deny`, or undefined where nothing decides. */
function decision(method: Method, path: string): string | undefined {
  const rule = ruleFor(stripe, method, path);
  if (rule === undefined) return undefined;
  return 'deny' in rule ? 'deny' : rule.collection;
}

/** Calls whose rule takes part of another resource’s name. */
const named = new Map([['/v1/balance/history', 'stripe_balance_transactions']]);

describe('every call of Stripe’s public API is decided on purpose', () => {
  it('by a rule that governs or refuses it', () => {
    expect(calls.length).toBeGreaterThan(700);
    expect(calls.filter(({ method, path }) => decision(method, path) === undefined)).toEqual([]);
  });

  it('so that what is allowed is governed by the customers’ collection or by one of its own name', () => {
    const wrong = calls.filter(({ method, path, template }) => {
      const collection = decision(method, path) ?? 'nothing';
      const base = template.replace(/\/:.*$/, '');
      if (collection === 'deny') return false;
      if (/^\/v1\/(customers|payment_intents)(\/|$)/.test(template)) return collection !== 'customers';
      const resource = base
        .replace(/^\/v1\//, '')
        .replace(/^\/v2\//, 'v2_')
        .replaceAll('/', '_');
      return named.get(base) !== collection && !`stripe_${resource}_`.startsWith(`${collection}_`);
    });
    expect(wrong).toEqual([]);
  });

  it('and nothing beyond customers and payments is on before an administrator makes its collection', () => {
    const own = governing.filter(({ collection }) => collection !== 'customers');
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter(({ optional, collection }) => optional !== true || !/^stripe_/.test(collection))).toEqual([]);
  });
});

describe('what holds a secret', () => {
  const held = calls.filter(({ method, template }) =>
    stripe.secrets.some((secret) => secret.path === template && secret.methods?.includes(method)),
  );

  it('is refused or named by the rule that allows it', () => {
    expect(held.length).toBeGreaterThan(200);
    expect(held.filter(({ method, path }) => decision(method, path) === undefined)).toEqual([]);
  });

  it.each([
    'POST /v1/ephemeral_keys',
    'POST /v1/webhook_endpoints',
    'POST /v1/terminal/connection_tokens',
    'POST /v1/account_links',
    'POST /v1/account_sessions',
    'POST /v1/accounts/acct_1/login_links',
    'GET /v1/issuing/cards/ic_1',
    'GET /v1/apps/secrets/find',
    'POST /v1/financial_connections/sessions',
    'POST /v1/identity/verification_sessions',
    'GET /v1/terminal/configurations/tmc_1',
    'GET /v1/events/evt_1',
    'POST /v2/core/event_destinations',
    'POST /v2/billing/meter_event_session',
  ])('and is known and refused: %s', (call) => {
    const [method, path = ''] = call.split(' ');
    expect(decision(method as Method, path)).toBe('deny');
    const open = {
      ...stripe,
      rules: [
        { path: '/v1/*', collection: 'mine' },
        { path: '/v2/*', collection: 'mine' },
      ],
    };
    expect(ruleFor(open, method as Method, path)).toHaveProperty('deny', expect.stringMatching(/^secret:/));
  });

  it.each([
    ['POST', '/v1/payment_intents/pi_1/confirm', 'customers'],
    ['POST', '/v1/setup_intents/seti_1/confirm', 'stripe_setup_intents'],
    ['POST', '/v1/checkout/sessions', 'stripe_checkout_sessions'],
    ['POST', '/v1/billing_portal/sessions', 'stripe_billing_portal_sessions'],
    ['POST', '/v1/customer_sessions', 'stripe_customer_sessions'],
    ['GET', '/v1/customers/cus_1', 'customers'],
    ['GET', '/v1/file_links/link_1', 'stripe_file_links'],
  ] as const)('and is known, and let through as it is made to be handed out: %s %s', (method, path, collection) => {
    expect(decision(method, path)).toBe(collection);
    const open = { ...stripe, rules: [{ path: '/v1/*', collection: 'mine' }] };
    expect(ruleFor(open, method, path)).toHaveProperty('deny', expect.stringMatching(/^secret:/));
  });
});

describe('a caller moves no money out and does not touch the account, in whatever spelling', () => {
  const paths = [
    ...[
      '/v1/refunds',
      '/v1/refunds/re_1',
      '/v1/refunds/re_1/cancel',
      '/v1/charges/ch_1/refund',
      '/v1/charges/ch_1/refunds',
    ],
    ...['/v1/charges/ch_1/refunds/re_1', '/v1/charges/ch_1/dispute/close', '/v1/disputes/dp_1/close', '/v1/payouts'],
    ...['/v1/payouts/po_1/reverse', '/v1/transfers', '/v1/transfers/tr_1/reversals', '/v1/topups', '/v1/account'],
    ...['/v1/application_fees/fee_1/refunds', '/v1/accounts', '/v1/accounts/acct_1/external_accounts', '/v1/events'],
    ...['/v1/account_links', '/v1/account_sessions', '/v1/webhook_endpoints', '/v1/ephemeral_keys', '/v1/apps/secrets'],
    ...['/v1/terminal/connection_tokens', '/v1/terminal/readers/tmr_1/refund_payment', '/v1/balance_settings'],
    ...[
      '/v1/issuing/cards',
      '/v1/treasury/outbound_payments',
      '/v1/financial_connections/accounts',
      '/v1/climate/orders',
    ],
    ...[
      '/v1/forwarding/requests',
      '/v1/test_helpers/test_clocks',
      '/v2/core/accounts',
      '/v2/money_management/payout_intents',
    ],
    ...['/v2/core/event_destinations', '/oauth/token'],
  ];
  it('as written', () => {
    expect(paths.flatMap((path) => methods.filter((method) => !isRefused(method, path)))).toEqual([]);
  });

  it.each(spellings)('%s', (_how, spell) => {
    const reached = paths.flatMap((path) =>
      methods.filter((method) => !isRefused(method, spell(path))).map((method) => `${method} ${path}`),
    );
    expect(reached).toEqual([]);
  });

  it('nor with a credit note, of which money can be paid back', () => {
    expect(
      ['/v1/credit_notes', '/v1/credit_notes/cn_1', '/v1/credit_notes/cn_1/void'].map((path) => decision('POST', path)),
    ).toEqual(['deny', 'deny', 'deny']);
  });

  const isRefused = (method: Method, path: string) => [undefined, 'deny'].includes(decision(method, path));
});

describe('no call that is refused is reached', () => {
  const refused = calls.filter(({ method, path }) => decision(method, path) === 'deny');

  it.each(spellings)('%s', (_how, spell) => {
    const reached = refused.filter(({ method, path }) => ![undefined, 'deny'].includes(decision(method, spell(path))));
    expect(refused.length).toBeGreaterThan(300);
    expect(reached).toEqual([]);
  });
});

describe('item rules count wherever a list or a creation names a customer', () => {
  it('by the rows of the customers’ collection', () => {
    const tied = calls.filter(({ takesCustomer, template, method, path }) => {
      const isListOrCreation = !template.endsWith('/:id') && !template.startsWith('/v1/customers/');
      return takesCustomer && isListOrCreation && decision(method, path) !== 'deny';
    });
    expect(tied.length).toBeGreaterThan(30);
    const untied = tied.filter(({ method, path }) => {
      const place = method === 'GET' ? 'query' : 'body';
      const row = Object(ruleFor(stripe, method, path)).row;
      return row?.collection !== 'customers' || row.field !== 'stripe_id' || row.from[0][place] !== 'customer';
    });
    expect(untied).toEqual([]);
  });
});

describe('where requests go', () => {
  it.each([
    ['POST', '/v1/files'],
    ['GET', '/v1/files/file_1/contents'],
    ['GET', '/links/fl_1'],
    ['GET', '/v1/quotes/qt_1/pdf'],
  ] as const)('%s %s to the host of files', (method, path) => {
    expect(ruleFor(stripe, method, path)).toHaveProperty('host', 'files.stripe.com');
    expect(stripe.hosts.get('files.stripe.com')).toBe('https://files.stripe.com');
  });

  it('and all others to the API itself, with no header that chooses another account', () => {
    expect(new Set(governing.flatMap(({ host }) => host ?? []))).toEqual(new Set(['files.stripe.com']));
    expect(stripe.origin).toBe('https://api.stripe.com');
    expect(stripe.requestHeaders).toMatchObject({ allow: ['stripe-version', 'x-stripe-client-user-agent'] });
    expect(decision('GET', stripe.probe?.replace('?limit=1', '') ?? '')).toBe('customers');
  });

  it('version 2 takes JSON', () => {
    const rules = governing.filter((rule) => rule.path.startsWith('/v2/'));
    expect(rules.map(({ bodyForm }) => bodyForm)).toEqual(['json', 'json']);
  });
});
