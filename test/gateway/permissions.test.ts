import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const account = `/twilio/2010-04-01/Accounts/${accountSid}`;
const seen = () => [...world.stripe.seen, ...world.twilio.seen];

type Persona = keyof typeof tokens;
type Verb = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

async function call(persona: Persona, verb: Verb, path: string) {
  const request = caller[verb](path).set(as(tokens[persona]));
  return await (verb === 'post' ? request.type('form').send('email=a%40example.com') : request);
}

describe('a caller is let through', () => {
  const allowed: [Persona, Verb, string, string][] = [
    ['reader', 'get', '/stripe/v1/customers/cus_1', 'reads with read'],
    ['reader', 'head', '/stripe/v1/customers', 'HEAD is reading'],
    ['reader', 'get', '/stripe/v1/payment_intents', 'customers’ collection governs payments'],
    ['reader', 'get', '/stripe/v1/payment_intents/search', 'searching is reading'],
    ['reader', 'get', `${account}/Messages.json`, 'reads with read'],
    ['creator', 'post', '/stripe/v1/customers', 'creates with create'],
    ['creator', 'post', '/stripe/v1/payment_intents/pi_1/capture', 'a POST is create wherever it goes'],
    ['creator', 'post', `${account}/Messages.json`, 'creates with create'],
    ['admin', 'put', '/stripe/v1/customers/cus_1', 'PUT updates'],
    ['admin', 'patch', '/stripe/v1/customers/cus_1', 'PATCH updates'],
    ['admin', 'delete', '/stripe/v1/customers/cus_1', 'deletes, though Directus lists no fields for delete'],
    ['admin', 'delete', `${account}/Messages/SM1.json`, 'deletes'],
  ];

  it.each(allowed)('%s %s %s: %s', async (persona, verb, path) => {
    const answer = await call(persona, verb, path);

    expect(answer.status).toBe(200);
    expect(seen()).toHaveLength(1);
    expect(seen()[0]).toMatchObject({ method: verb.toUpperCase(), target: path.replace(/^\/[^/]+/, '') });
  });
});

describe('a caller gets Directus’ 403 and the upstream sees nothing', () => {
  const refused: [Persona, Verb, string, string, string][] = [
    ['nobody', 'get', '/stripe/v1/customers', 'no policies at all', 'no_permission:customers.read'],
    ['nobody', 'get', '/stripe/customers', 'the gateway’s own list neither', 'no_permission:customers.read'],
    ['nobody', 'get', '/stripe/payments', 'the gateway’s own list neither', 'no_permission:customers.read'],
    ['nobody', 'get', '/stripe/payments/cus_1', 'the gateway’s own list neither', 'no_permission:customers.read'],
    ['reader', 'post', '/stripe/customers', 'the gateway’s own route neither', 'no_permission:customers.create'],
    ['reader', 'post', '/stripe/v1/customers', 'may not create', 'no_permission:customers.create'],
    ['reader', 'put', '/stripe/v1/customers/cus_1', 'may not update', 'no_permission:customers.update'],
    ['reader', 'patch', '/stripe/v1/customers/cus_1', 'may not update', 'no_permission:customers.update'],
    ['reader', 'delete', '/stripe/v1/customers/cus_1', 'may not delete', 'no_permission:customers.delete'],
    ['reader', 'post', `${account}/Messages.json`, 'may not create', 'no_permission:messages.create'],
    ['creator', 'get', '/stripe/v1/customers', 'may not read', 'no_permission:customers.read'],
    ['creator', 'head', '/stripe/v1/customers', 'HEAD is reading', 'no_permission:customers.read'],
    ['creator', 'get', '/stripe/v1/customers/search', 'may not read', 'no_permission:customers.read'],
    ['creator', 'get', '/stripe/customers', 'creates on the same path, does not list', 'no_permission:customers.read'],
    ['partial', 'get', '/stripe/v1/customers', 'an item rule', 'partial_access:customers.read'],
    ['partial', 'get', `${account}/Messages.json`, 'a rule for another collection', 'no_permission:messages.read'],
    ['admin', 'get', '/stripe/v1/nonsense', 'no rule', 'no_rule'],
    ['admin', 'get', '/stripe/v1/balance', 'its collection is not there', 'no_permission:stripe_balance.read'],
    ['admin', 'get', '/stripe/v1', 'no rule', 'no_rule'],
    ['admin', 'get', '/stripe/v2/core/accounts', 'off until it is declared', 'off'],
    ['admin', 'get', '/stripe/v1/Customers', 'a rule in another case', 'no_rule'],
    ['admin', 'get', '/stripe/v1/customersx', 'a rule for the beginning only', 'no_rule'],
    ['admin', 'post', '/stripe/v1/ephemeral_keys', 'a secret comes back', 'off'],
    ['admin', 'post', '/stripe/payments', 'a list cannot be posted to', 'no_rule'],
    ['admin', 'delete', '/stripe/customers', 'a list cannot be deleted', 'no_rule'],
    ['admin', 'get', '/stripe/payments/cus_1/more', 'nothing is below', 'no_rule'],
    ['admin', 'get', '/twilio/2010-04-01/Accounts.json', 'every account, with auth_token', 'secret:Account'],
    ['admin', 'get', account, 'the account, with auth_token', 'secret:Account'],
    ['admin', 'get', `${account}.json`, 'the account, with auth_token', 'secret:Account'],
    ['admin', 'post', `${account}.json`, 'closing the account', 'secret:Account'],
    ['admin', 'get', `/twilio/2008-08-01/Accounts/${accountSid}/Messages.json`, 'another API version', 'no_rule'],
    ['admin', 'post', `${account}/Keys.json`, 'a secret comes back', 'secret:Keys'],
    ['admin', 'post', `${account}/Keys`, 'a secret comes back, as XML', 'secret:Keys'],
    ['admin', 'post', `${account}/keys.JSON`, 'in another case', 'secret:Keys'],
    ['admin', 'get', `${account}/Keys/SK1.json`, 'one of them', 'secret:Keys'],
    ['admin', 'post', `${account}/SigningKeys.json`, 'a secret comes back', 'secret:SigningKeys'],
    ['admin', 'post', `${account}/Tokens.json`, 'a secret comes back', 'secret:Tokens'],
    ['admin', 'get', `${account}/Accounts.csv`, 'a secret comes back', 'secret:Accounts'],
    ['admin', 'get', `${account}/ConnectApps/CN1.json`, 'others’ data', 'secret:ConnectApps'],
    ['admin', 'get', `${account}/AUTHORIZEDCONNECTAPPS`, 'others’ data', 'secret:AuthorizedConnectApps'],
  ];

  it.each(refused)('%s %s %s: %s', async (persona, verb, path, _why, reason) => {
    const answer = await call(persona, verb, path);

    expect(answer.status).toBe(403);
    if (verb !== 'head') {
      const message = expect.stringMatching(
        /^You don't have permission to access this\.( Did you mean (GET )?\S+\?)?$/,
      );
      expect(answer.body.errors).toEqual([{ message, extensions: expect.objectContaining({ code: 'FORBIDDEN' }) }]);
    }
    expect(answer.text ?? '').not.toContain(reason);
    const line = await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ user: `user-${persona}`, code: 'FORBIDDEN', reason, status: 403 });
    expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');
  });
});

describe('the answer does not say what exists', () => {
  it('a caller without a permission gets the same whether or not there is a rule', async () => {
    const [governed, unknown] = [
      await call('nobody', 'get', '/stripe/v1/customers'),
      await call('nobody', 'get', '/stripe/v1/balance'),
    ];

    expect(governed.body).toEqual(unknown.body);
  });
});
