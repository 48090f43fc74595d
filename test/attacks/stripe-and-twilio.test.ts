import { describe, expect, it } from '@jest/globals';
import { ask, statusOf } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { verdict } from '../world/verdict.ts';
import { accountSid, phoneNumber, tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld({ STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
const account = `/twilio/2010-04-01/Accounts/${accountSid}`;
const other = 'AC00000000000000000000000000000002';
const own = encodeURIComponent(phoneNumber);
const form = 'Content-Type: application/x-www-form-urlencoded';

/** Everything but what the packaged rules refuse: their own collections exist, too. */
const full = { access: 'full', fields: ['*'] };
const all = { create: full, read: full, update: full, delete: full };
const collections = ['customers', 'messages', 'stripe_charges', 'stripe_invoices', 'stripe_subscriptions'];
const owner = 'canaryTokenOwner';
world.directus.users.set(owner, {
  id: 'user-owner',
  permissions: Object.fromEntries(collections.map((name) => [name, all])),
});

/** Only the rows of one customer. */
const partial = { access: 'partial', fields: ['*'] };
const limited = 'canaryTokenLimited';
world.directus.users.set(limited, {
  id: 'user-limited',
  permissions: { customers: { create: partial, read: partial, update: partial, delete: partial } },
  rows: [{ id: 1, values: { stripe_id: 'cus_own' }, update: true, delete: true }],
});

const send = (token: string, line: string, body = '', lines: readonly string[] = [], port = world.gateway.port) =>
  ask(
    port,
    [
      `${line} HTTP/1.1`,
      `Authorization: Bearer ${token}`,
      ...(body === '' ? [] : [form, `Content-Length: ${body.length}`]),
      ...lines,
    ],
    body,
  );
const sent = () => world.stripe.seen.map(({ method, target, body }) => [method, target, body]);

describe('Stripe: money out, keys and accounts are off for everybody, the administrator included', () => {
  const source = 'docs.stripe.com/api';
  it.each([
    ['POST /stripe/v1/refunds', 'charge=ch_1'],
    ['POST /stripe/v1/charges/ch_1/refund', 'amount=1'],
    ['POST /stripe/v1/charges/ch_1/refunds', 'amount=1'],
    ['POST /stripe/v1/credit_notes', 'invoice=in_1&refund_amount=1'],
    ['POST /stripe/v1/terminal/readers/tmr_1/refund_payment', 'charge=ch_1'],
    ['POST /stripe/v1/payouts', 'amount=1'],
    ['POST /stripe/v1/transfers', 'destination=acct_1'],
    ['POST /stripe/v1/topups', 'amount=1'],
    ['POST /stripe/v1/ephemeral_keys', 'customer=cus_1'],
    ['DELETE /stripe/v1/ephemeral_keys/ephkey_1', ''],
    ['POST /stripe/v1/webhook_endpoints', 'url=https%3A%2F%2Fevil.test'],
    ['POST /stripe/v1/accounts', 'type=custom'],
    ['POST /stripe/v1/account_links', 'account=acct_1'],
    ['POST /stripe/v1/account_sessions', 'account=acct_1'],
    ['POST /stripe/v1/customers/cus_1/balance_transactions', 'amount=-1'],
    ['POST /stripe/v1/issuing/cards', 'type=virtual'],
    ['GET /stripe/v1/issuing/cards/ic_1?expand[]=number', ''],
    ['POST /stripe/v1/apps/secrets', 'name=a'],
    ['POST /stripe/v2/core/event_destinations', 'a=b'],
    ['POST /stripe/v1//refunds', 'charge=ch_1'],
    ['POST /stripe/v1/Refunds', 'charge=ch_1'],
    ['POST /stripe/v1/refunds/', 'charge=ch_1'],
    ['POST /stripe/v1/customers/../refunds', 'charge=ch_1'],
    ['POST /stripe/v1/%72efunds', 'charge=ch_1'],
  ])(`%s %s (${source})`, async (line, body) => {
    for (const token of [owner, tokens.admin]) {
      const status = statusOf(await send(token, line, body));
      expect([400, 403, 404]).toContain(status);
    }
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('Stripe: another account is not for callers to choose', () => {
  it.each([
    ['Stripe-Account: acct_other', 'docs.stripe.com/connect/authentication'],
    ['stripe-account: acct_other', 'RFC 9110, section 5.1'],
    ['Stripe-Context: acct_other', 'docs.stripe.com/context'],
    ['Stripe_Account: acct_other', 'ours: what CGI would make of it'],
    ['X-Stripe-Account: acct_other', 'ours'],
    ['Stripe-Livemode: true', 'ours'],
  ])('%s (%s)', async (line) => {
    expect(statusOf(await send(owner, 'GET /stripe/v1/customers', '', [line]))).toBe(200);
    expect(world.stripe.wire.received()).not.toMatch(/account|context|livemode/i);
  });

  it('nor the key, as Basic or as a parameter that the upstream might read', async () => {
    expect(statusOf(await send('sk_live_of_somebody', 'GET /stripe/v1/customers'))).toBe(401);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('Stripe: an item rule has no side door', () => {
  it.each([
    ['another’s customer', 'GET /stripe/v1/customers/cus_other', ''],
    ['search, which is tied to nobody', "GET /stripe/v1/customers/search?query=email:'a'", ''],
    [
      'search that names one’s own',
      'GET /stripe/v1/payment_intents/search?query=customer:"cus_own"'.replaceAll('"', '%22'),
      '',
    ],
    ['a list without a customer', 'GET /stripe/v1/payment_intents', ''],
    ['a list of another’s', 'GET /stripe/v1/payment_intents?customer=cus_other', ''],
    ['one’s own and another’s', 'GET /stripe/v1/payment_intents?customer=cus_own&customer=cus_other', ''],
    [
      'one’s own and another’s, as a list',
      'GET /stripe/v1/payment_intents?customer[]=cus_own&customer[]=cus_other',
      '',
    ],
    [
      'one’s own, and another’s after a semicolon',
      'GET /stripe/v1/payment_intents?customer=cus_own;customer=cus_other',
      '',
    ],
    ['one’s own in the path, another’s in the query', 'GET /stripe/v1/customers/cus_own?customer=cus_other', ''],
    ['an intent by its own id', 'GET /stripe/v1/payment_intents/pi_other', ''],
    [
      'an intent by its id, the customer named for show',
      'GET /stripe/v1/payment_intents/pi_other?customer=cus_own',
      '',
    ],
    ['a new intent for another', 'POST /stripe/v1/payment_intents', 'amount=1&customer=cus_other'],
    ['a new intent for nobody', 'POST /stripe/v1/payment_intents', 'amount=1'],
    [
      'a new intent, one’s own in the query only',
      'POST /stripe/v1/payment_intents?customer=cus_own',
      'amount=1&customer=cus_other',
    ],
    ['a new intent, in another case', 'POST /stripe/v1/payment_intents', 'amount=1&Customer=cus_own'],
    ['the id of another in another case', 'GET /stripe/v1/customers/CUS_OWN', ''],
    ['a value that Directus expands', 'GET /stripe/v1/payment_intents?customer=$CURRENT_USER', ''],
    ['a path in the value', 'GET /stripe/v1/payment_intents?customer=cus_own%2f..%2fcus_other', ''],
    ['a NUL at its end', 'GET /stripe/v1/payment_intents?customer=cus_own%00', ''],
    ['deleting another’s', 'DELETE /stripe/v1/customers/cus_other', ''],
    ['another’s sub-resource', 'GET /stripe/v1/customers/cus_other/sources', ''],
  ])('%s', async (_what, line, body) => {
    expect([400, 403]).toContain(statusOf(await send(limited, line, body)));
    expect(world.stripe.wire.received()).toBe('');
  });

  it('though one’s own is reached', async () => {
    expect(statusOf(await send(limited, 'GET /stripe/v1/payment_intents?customer=cus_own'))).toBe(200);
    expect(sent()).toEqual([['GET', '/v1/payment_intents?customer=cus_own', '']]);
  });
});

describe('Stripe: a field list is not widened', () => {
  it.each([
    ['expand of what is not listed', 'GET /stripe/v1/customers/cus_1?expand[]=default_source'],
    ['expand in a list', 'GET /stripe/v1/customers?expand[]=data.subscriptions'],
    ['expand with an index', 'GET /stripe/v1/customers/cus_1?expand[0]=default_source'],
    [
      'expand within a listed field’s name',
      'GET /stripe/v1/customers/cus_1?expand[]=email.x&expand[]=invoice_settings',
    ],
    ['a filter by what is not listed', 'GET /stripe/v1/customers?created[gte]=1'],
    ['a search by what is not listed', 'GET /stripe/v1/customers/search?query=name'],
  ])('%s', async (_what, line) => {
    expect(verdict(await send(tokens.fields, line))).toBe('403 FORBIDDEN');
    expect(world.stripe.wire.received()).toBe('');
  });

  it('not by an upstream that expands unasked', async () => {
    world.stripe.answerWith((_request, response) =>
      response
        .setHeader('Content-Type', 'application/json')
        .end(
          '{"id":"cus_1","object":"customer","email":"a","subscriptions":{"data":[{"id":"sub_1"}]},"__proto__":{"name":"b"}}',
        ),
    );
    expect(await send(tokens.fields, 'GET /stripe/v1/customers/cus_1')).toMatch(
      /\{"id":"cus_1","object":"customer","email":"a"\}$/,
    );
  });
});

it('Stripe: one caller’s idempotency key is not another’s (docs.stripe.com/api/idempotent_requests)', async () => {
  for (const token of [owner, tokens.admin, tokens.creator, owner])
    await send(token, 'POST /stripe/v1/customers', 'email=a', ['Idempotency-Key: same']);
  const keys = world.stripe.seen.map(({ headers }) => headers['idempotency-key']);
  expect([new Set(keys).size, keys[0] === keys[3], keys.includes('same')]).toEqual([3, true, false]);
});

describe('Twilio: nothing beyond the one account', () => {
  it.each([
    ['GET', `/twilio/2010-04-01/Accounts/${other}/Messages.json`],
    ['GET', `/twilio/2010-04-01/Accounts/${accountSid.toLowerCase()}/Messages.json`],
    ['GET', `/twilio/2010-04-01/Accounts/${accountSid}%2f..%2f${other}/Messages.json`],
    ['GET', `${account}/../${other}/Messages.json`],
    ['GET', '/twilio/2010-04-01/Accounts'],
    ['POST', '/twilio/2010-04-01/Accounts.json'],
    ['GET', '/twilio/2010-04-01/Accounts.csv'],
    ['GET', account],
    ['GET', `${account}.json`],
    ['GET', `${account}.csv`],
    ['GET', `${account}/`],
    ['POST', `${account}.json`],
    ...['Keys', 'SigningKeys', 'Tokens', 'Accounts', 'ConnectApps', 'AuthorizedConnectApps'].flatMap((name) =>
      ['', '.json', '.csv', '.JSON', '/SK1.json'].map((end) => ['GET', `${account}/${name}${end}`]),
    ),
    ...[
      ...['SMS/Messages.json', 'SMS/Messages', 'SMS/Messages.xml', 'sms/messages.json', 'SMS/Messages/SM1.json'],
      ...['IncomingPhoneNumbers.json', 'IncomingPhoneNumbers/PN1', 'IncomingPhoneNumbers/PN1.json', 'Applications.csv'],
      ...[
        'SIP/Domains.json',
        'Usage/Triggers.json',
        'Queues/QU1/Members/Front.json',
        'OutgoingCallerIds',
        'Calls.json/CA1',
      ],
    ].map((path) => ['POST', `${account}/${path}`]),
    ['GET', `/twilio/accounts.twilio.com/v1/AuthTokens/Promote`],
    ['POST', '/twilio/iam.twilio.com/v1/Keys'],
    ['POST', '/twilio/api.twilio.com.evil.test/2010-04-01/Accounts.json'],
    ['POST', '/twilio/evil.test/'],
    ['POST', '/twilio/voice.twilio.com/v1/DialingPermissions/BulkCountryUpdates'],
  ])('%s %s', async (method, path) => {
    expect([400, 403, 404]).toContain(
      statusOf(await send(owner, `${method} ${path}`, method === 'POST' ? 'FriendlyName=a' : '')),
    );
    expect(world.twilio.wire.received()).toBe('');
  });
});

describe('Twilio: who speaks, who hears of it and where it goes', () => {
  const rule = `{ methods: [POST], path: "${account.slice('/twilio'.length)}/Messages.*", collection: messages, destinations: { parameter: To, prefixes: ["+49", "whatsapp:+49"] } }`;
  const prefixed = startGateway(world.environment, { config: `upstreams: { twilio: { rules: [${rule}] } }` }).then(
    stopLater,
  );
  it.each([
    ['a premium-rate number', 'To=%2B19005550000'],
    ['another country', 'To=%2B48600000000'],
    ['one of them foreign', 'To=%2B4915112345678,%2B19005550000'],
    ['twice', 'To=%2B4915112345678&To=%2B19005550000'],
    ['in another case', 'to=%2B19005550000'],
    ['with brackets', 'To[]=%2B19005550000'],
    ['a prefix behind 00', 'To=0049151123456'],
    ['spaces before the country', 'To=%20%2B%2049%2F1900'],
    ['a short code', 'To=49000'],
    ['an unlisted channel', 'To=messenger:%2B4915112345678'],
    ['a client or SIP address', 'To=sip:%2B49@evil.test'],
    ['nobody', 'Body=a'],
    ['digits of another script', `To=%2B49${encodeURIComponent('١٥١١٢٣٤٥')}`],
    ['a number with a dial string behind it', 'To=%2B4915112345678,,9005550000'],
  ])('To: %s (docs.twilio.com, toll fraud)', async (_what, body) => {
    const { port } = await prefixed;
    expect([400, 403]).toContain(statusOf(await send(owner, `POST ${account}/Messages.json`, body, [], port)));
    expect(world.twilio.wire.received()).toBe('');
  });

  it.each(
    ['', '.json', '.csv', '.xml', '.JSON'].flatMap((end) =>
      ['RiskCheck=disable', 'StatusCallback=x', 'From=%2B15005550006', 'Url=x'].map((body) => [end, body]),
    ),
  )('a message by Messages%s with %s', async (end, body) => {
    expect([400, 403, 404]).toContain(
      statusOf(await send(owner, `POST ${account}/Messages${end}`, `To=%2B1&Body=a&${body}`)),
    );
    expect(world.twilio.wire.received()).toBe('');
  });

  it.each([
    ['TwiML from elsewhere, for a call under way', 'POST', `${account}/Calls/CA1.json`, 'Url=https%3A%2F%2Fevil.test'],
    ['one in JSON', 'POST', `${account}/Calls.json`, `From=${own}&To=%2B1&FallbackUrl=x`],
    ['a recording’s callback', 'POST', `${account}/Calls/CA1/Recordings.json`, 'RecordingStatusCallback=x'],
    [
      'a participant from another number',
      'POST',
      `${account}/Conferences/CF1/Participants.json`,
      'From=%2B15005550006&To=%2B1',
    ],
  ])('%s', async (_what, method, path, body) => {
    expect(verdict(await send(owner, `${method} ${path}`, body))).toBe('403 FORBIDDEN');
    expect(world.twilio.wire.received()).toBe('');
  });
});

describe('a POST that a framework takes for a DELETE', () => {
  it.each([
    ['in Twilio’s query', `POST ${account}/Messages/SM1.json?_method=DELETE`, 'Body='],
    ['in a form', `POST ${account}/Messages/SM1.json`, 'Body=&_method=DELETE'],
    ['in a form, encoded', `POST ${account}/Calls/CA1.json`, '%5FMETHOD=DELETE'],
    ['in Stripe’s query', 'POST /stripe/v1/customers/cus_1?_method=DELETE', 'email=a'],
  ])('%s', async (_what, line, body) => {
    expect(verdict(await send(owner, line, body))).toBe('403 FORBIDDEN');
    expect([world.twilio.wire.received(), world.stripe.wire.received()]).toEqual(['', '']);
  });

  it('in JSON that becomes a form', async () => {
    const json = JSON.stringify({ _method: 'DELETE' });
    const lines = [
      `Authorization: Bearer ${owner}`,
      'Content-Type: application/json',
      `Content-Length: ${json.length}`,
    ];
    for (const path of [`${account}/Messages/SM1.json`, '/stripe/v1/customers/cus_1']) {
      const received = await ask(world.gateway.port, [`POST ${path} HTTP/1.1`, ...lines], json);
      expect(verdict(received)).toBe('403 FORBIDDEN');
    }
    expect([world.twilio.wire.received(), world.stripe.wire.received()]).toEqual(['', '']);
  });
});

describe('Twilio: addresses in answers', () => {
  it('a redirect to media is not followed with the credential; the caller gets it', async () => {
    world.twilio.answerWith((_request, response) =>
      response.writeHead(307, { Location: `${world.stripe.origin}/media?AWSAccessKeyId=x` }).end(),
    );
    const received = await send(owner, `GET ${account}/Messages/MM1/Media/ME1`);
    expect(statusOf(received)).toBe(307);
    expect(world.stripe.wire.received()).toBe('');
  });

  it.each([
    [
      'the gateway’s own',
      'ORIGIN/2010-04-01/x?Page=1',
      /"next_page_url":"http:\/\/gateway\.test\/twilio\/2010-04-01\/x\?Page=1"/,
    ],
    ['a look-alike stays as it is', 'ORIGIN.evil.test/x', /"next_page_url":"http:\/\/127\.0\.0\.1:\d+\.evil\.test\/x"/],
    [
      'user information stays as it is',
      'https://api.twilio.com@evil.test/x',
      /"https:\/\/api\.twilio\.com@evil\.test\/x"/,
    ],
  ])('next_page_url: %s', async (_what, url, expected) => {
    world.twilio.answerWith((_request, response) =>
      response
        .setHeader('Content-Type', 'application/json')
        .end(JSON.stringify({ next_page_url: url.replace('ORIGIN', world.twilio.origin) })),
    );
    expect(await send(owner, `GET ${account}/Messages.json`)).toMatch(expected);
  });
});
