import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/config/secret.ts';
import { jsonParameters, unambiguousParameters } from '../../../src/prepare/parameters.ts';
import { requireListed, requirePermitted, unlistedFields } from '../../../src/prepare/weigh-parameters.ts';
import type { Action, Credential } from '../../../src/upstreams/upstream.ts';
import { grantOf } from '../grants.ts';
import { refusalOf } from '../refusal.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const rule = { path: '/*', collection: 'customers' };
const weigh = (action: Action, fields: 'all' | string[], text: string, upstream = stripeUpstream) => {
  const repeatable = upstream.bodyForm === 'form-flat';
  return () => requireListed(unambiguousParameters(text, repeatable), grantOf({ rule, action, fields }), upstream);
};

describe('a caller may send', () => {
  const forms: [string, Action, 'all' | string[], string][] = [
    ['anything where all fields are theirs', 'create', 'all', 'a=1&b[c]=2&expand[]=x&limit=3'],
    ['nothing', 'create', [], ''],
    ['what is listed', 'create', ['email', 'name'], 'name=x&email=y'],
    ['what is below it', 'create', ['address'], 'address[city]=x&address[geo][lat]=1'],
    ['lists of it', 'create', ['tags'], 'tags[]=x&tags[]=y'],
    ['places of a list', 'create', ['items'], 'items[0][price]=x&items[1][price]=y'],
    ['what is listed by its dotted path', 'update', ['address.city'], 'address[city]=x'],
    ['what is below such a path', 'update', ['a.b'], 'a[b][c]=x'],
    ['a page’s parameters on a read', 'read', [], 'limit=3&starting_after=x&ending_before=y&page=z'],
    ['a filter by what is listed', 'read', ['customer'], 'customer=cus_1&limit=1'],
    ['a question for more of what is listed whole', 'read', ['customer.*'], 'expand[]=customer'],
    ['the same in a list', 'read', ['customer.*'], 'expand[]=data.customer'],
    ['the same with a place', 'read', ['customer.*'], 'expand[0]=data.customer'],
    ['a question for what has something listed below it', 'read', ['customer.email'], 'expand[]=data.customer'],
    ['a question for anything where all fields are theirs', 'read', 'all', 'expand[]=customer.default_source'],
    ['a question above a dotted path', 'read', ['latest.charge.id'], 'expand[]=latest.charge'],
    [
      'a question for more of the answer to a write',
      'create',
      ['customer', 'customer.*'],
      'expand[]=customer&customer=x',
    ],
  ];
  it.each(forms)('%s: %s with %j, %s', (_what, action, fields, text) => {
    expect(weigh(action, fields, text)).not.toThrow();
  });
});

describe('a caller may not send, and is told by name', () => {
  const forms: [string, Action, string[], string, string[]][] = [
    ['what is not listed', 'create', ['email'], 'email=x&name=y&phone=z', ['name', 'phone']],
    ['anything where nothing is listed', 'create', [], 'a=1', ['a']],
    ['what is below something else', 'create', ['email'], 'metadata[email]=x', ['metadata[email]']],
    ['a neighbour of a dotted path', 'create', ['address.city'], 'address[line1]=x', ['address[line1]']],
    ['more than a dotted path', 'create', ['address.city'], 'address=x', ['address']],
    ['a list where a member of it is listed', 'create', ['address.city'], 'address[]=x', ['address[]']],
    ['the name in another case', 'create', ['email'], 'Email=x', ['Email']],
    ['a name that begins like a listed one', 'create', ['email'], 'email_2=x', ['email_2']],
    ['a page’s parameters on a create', 'create', ['email'], 'limit=3', ['limit']],
    ['a page’s parameters on an update', 'update', ['email'], 'page=3', ['page']],
    ['a page’s parameters on a deletion', 'delete', ['email'], 'page=3', ['page']],
    ['something below a page’s parameter', 'read', ['email'], 'limit[a]=3', ['limit[a]']],
    ['a page’s parameter of another upstream', 'read', ['email'], 'PageSize=3', ['PageSize']],
    ['a filter by what is not listed', 'read', ['email'], 'customer=cus_1', ['customer']],
    ['a search', 'read', ['email'], 'query=name:x', ['query']],
    ['a question for what is not listed', 'read', ['email'], 'expand[]=customer', ['expand[]']],
    ['the same in a list', 'read', ['email'], 'expand[]=data.customer', ['expand[]']],
    [
      'a question for an object of which only the id is listed',
      'read',
      ['customer'],
      'expand[]=customer',
      ['expand[]'],
    ],
    ['a question for the last of a dotted path', 'read', ['latest.charge'], 'expand[]=latest.charge', ['expand[]']],
    ['a name that begins like a listed one', 'read', ['customer_2.*'], 'expand[]=customer', ['expand[]']],
    ['a question beside a good one', 'read', ['customer.*'], 'expand[]=customer&expand[]=invoice', ['expand[]']],
    ['a question for all items', 'read', ['customer'], 'expand[]=data', ['expand[]']],
    ['a question for the items of items', 'read', ['customer'], 'expand[]=data.data.customer', ['expand[]']],
    ['a question where expand itself is listed', 'read', ['expand'], 'expand[]=customer', ['expand[]']],
    ['a question for several at once', 'read', ['customer'], 'expand=customer,invoice', ['expand']],
  ];
  it.each(forms)('%s: %s with %j, %s', (_what, action, fields, text, names) => {
    expect(refusalOf(weigh(action, fields, text))).toMatchObject({
      code: 'FORBIDDEN',
      logReason: 'unlisted_field',
      extensions: { collection: 'customers', fields: names },
    });
  });
});

it('an upstream without a parameter for more of the answer has none that is let through for it', () => {
  expect(refusalOf(weigh('read', ['customer'], 'expand=customer', twilioUpstream)).extensions).toMatchObject({
    fields: ['expand'],
  });
  expect(weigh('read', [], 'Page=1&PageSize=2&PageToken=x', twilioUpstream)).not.toThrow();
});

it('a caller reads Directus’ sentence about the fields, and never a value', () => {
  const { message, status } = unlistedFields(['name', 'a[b]'], grantOf({ rule }));
  expect([status, message]).toEqual([
    403,
    'You don\'t have permission to access "name", "a[b]" in collection "customers".',
  ]);
  expect(refusalOf(weigh('create', [], 'name=canary')).message).not.toContain('canary');
});

describe('what nobody may send, nobody sends', () => {
  const value = new Secret('canary', 'https://x.example');
  const keyed: Credential[] = [
    { kind: 'query', name: 'Key', value },
    { kind: 'query', name: 'auth[token]', value },
    { kind: 'bearer', token: value },
  ];
  const upstream = { ...stripeUpstream, forbiddenParameters: ['RiskCheck', 'transfer.amount'], credentials: keyed };
  const permitted = (query: string, form = '') =>
    requirePermitted({ query: unambiguousParameters(query, true), body: unambiguousParameters(form, true) }, upstream);

  const refused: [string, string, string, string[]][] = [
    ['in the query', 'RiskCheck=disable', '', ['RiskCheck']],
    ['in the body', '', 'RiskCheck=disable', ['RiskCheck']],
    ['in another case', 'riskcheck=1', 'RISKCHECK=1', ['riskcheck', 'RISKCHECK']],
    ['encoded', '%52isk%43heck=1', '', ['RiskCheck']],
    ['without a value', 'RiskCheck', '', ['RiskCheck']],
    ['as a list', '', 'RiskCheck[]=1', ['RiskCheck[]']],
    ['as an object', '', 'RiskCheck[a][b]=1', ['RiskCheck[a][b]']],
    ['below something', '', 'transfer[amount]=1', ['transfer[amount]']],
    ['further below it', '', 'Transfer[Amount][x]=1', ['Transfer[Amount][x]']],
    ['among others', 'a=1&RiskCheck=1&b=2', 'c=3', ['RiskCheck']],
    ['what bears the credential', 'key=theirs', '', ['key']],
    ['the same as a list', 'KEY[]=theirs', '', ['KEY[]']],
    ['the same encoded', '%4bey=theirs', '', ['Key']],
    ['a credential with brackets in its name', 'auth[token]=theirs', '', ['auth[token]']],
    ['the same encoded', 'auth%5Btoken%5D=theirs', '', ['auth[token]']],
  ];
  it.each(refused)('%s', (_how, query, form, names) => {
    expect(refusalOf(() => permitted(query, form))).toMatchObject({
      code: 'FORBIDDEN',
      logReason: 'forbidden_parameter',
      message: `The parameter ${names.map((name) => `"${name}"`).join(', ')} may not be sent here.`,
      extensions: { parameters: names },
    });
  });

  it('nor in JSON', () => {
    for (const json of [{ RiskCheck: null }, { riskCHECK: { a: 1 } }, { transfer: { amount: 1 } }, { RiskCheck: [] }]) {
      const act = () => requirePermitted({ query: [], body: jsonParameters(json) }, upstream);
      expect(refusalOf(act).logReason).toBe('forbidden_parameter');
    }
  });

  const allowed: [string, string, string][] = [
    ['nothing', '', ''],
    ['what only begins or ends alike', 'RiskChecks=1&MyRiskCheck=1', 'RiskChec=1'],
    ['the name as a value', 'a=RiskCheck', ''],
    ['the name below something', 'a[RiskCheck]=1', ''],
    ['what is above or beside a forbidden path', 'transfer[destination]=1', 'amount=1&transfer=x'],
    ['the credential’s name in a body, where it is none', '', 'key=theirs'],
  ];
  it.each(allowed)('but %s', (_what, query, form) => {
    expect(() => permitted(query, form)).not.toThrow();
  });

  it('and never a value is told', () => {
    expect(refusalOf(() => permitted('RiskCheck=canary')).message).not.toContain('canary');
  });
});
