import { describe, expect, it } from '@jest/globals';
import { matchRule } from '../../../src/authorize/match-rule.ts';
import { twilio } from '../../../src/upstreams/twilio.ts';
import { type Method, methods } from '../../../src/upstreams/upstream.ts';
import { accountSid, twilioSettings, twilioUpstream } from '../settings.ts';

const account = `/2010-04-01/Accounts/${accountSid}`;
const ruleFor = (method: Method, path: string) => matchRule(twilioUpstream.rules, method, path);

/** The collection that governs, or the reason of a denial, or undefined where no rule is. */
function decision(method: Method, path: string): string | undefined {
  const rule = ruleFor(method, path);
  if (rule === undefined) return undefined;
  return 'deny' in rule ? `deny ${rule.deny}` : rule.collection;
}

describe('Twilio’s own collection governs everything below the account', () => {
  it.each([
    '/Messages.json',
    '/Messages',
    '/Messages.csv',
    '/Messages/SM1.json',
    '/Messages/SM1/Media/ME1',
    '/Calls/CA1/Recordings.json',
    '/IncomingPhoneNumbers/Local.json',
    '/Usage/Records/Daily.json',
    '/Monkeys.json',
  ])('%s', (path) => {
    expect(methods.map((method) => decision(method, account + path))).toEqual(methods.map(() => 'messages'));
  });
});

describe('a caller never gets to another account, nor to the account’s own record with its auth token', () => {
  const upper = accountSid.toUpperCase();
  const other = 'AC0000000000000000000000000000000b';
  const paths: [string, string][] = [
    ['another account', `/2010-04-01/Accounts/${other}/Messages.json`],
    [
      'the own account in another case, which Twilio may take for another',
      `/2010-04-01/Accounts/${upper}/Messages.json`,
    ],
    ['the own account in lower case', `/2010-04-01/Accounts/${accountSid.toLowerCase()}/Messages.json`],
    ['an account whose SID begins like the own', `${account}0/Messages.json`],
    ['an account whose SID is the beginning of the own', `${account.slice(0, -1)}/Messages.json`],
    ['the own account with an extension, and more below', `${account}.json/Messages.json`],
    ['the account’s own record', account],
    ['the same as JSON', `${account}.json`],
    ['the same as XML', `${account}.xml`],
    ['the list of accounts', '/2010-04-01/Accounts.json'],
    ['the list of accounts without an extension', '/2010-04-01/Accounts'],
    ['the collection in another case', account.replace('Accounts', 'accounts').concat('/Messages.json')],
    ['another version of the API', `/2008-08-01/Accounts/${accountSid}/Messages.json`],
    ['no version', `/Accounts/${accountSid}/Messages.json`],
    ['another product', '/v2/Services'],
    ['nothing', '/'],
  ];

  it.each(paths)('%s', (_what, path) => {
    expect(methods.map((method) => decision(method, path))).toEqual(methods.map(() => undefined));
  });

  it('nor to that record under an empty name with an extension', () => {
    expect(decision('GET', `${account}/.json`)).not.toBe('messages');
  });
});

describe('a caller never gets what holds a secret', () => {
  const resources = ['Keys', 'SigningKeys', 'Tokens', 'Accounts', 'ConnectApps', 'AuthorizedConnectApps'];
  const forms: [string, (resource: string) => string][] = [
    ['the list', (resource) => resource],
    ['the list as JSON', (resource) => `${resource}.json`],
    ['the list as XML', (resource) => `${resource}.xml`],
    ['the list as CSV', (resource) => `${resource}.csv`],
    ['the list with an unknown extension', (resource) => `${resource}.x.y`],
    ['the list in lower case', (resource) => `${resource.toLowerCase()}.json`],
    ['the list in upper case', (resource) => `${resource.toUpperCase()}.JSON`],
    ['one of them', (resource) => `${resource}/SK1.json`],
    ['one of them in lower case', (resource) => `${resource.toLowerCase()}/sk1`],
    ['something below one', (resource) => `${resource}/SK1/More.json`],
    ['one of them below a list with an extension', (resource) => `${resource}.json/SK1`],
  ];
  const rows = forms.flatMap(([what, form]) =>
    resources.map((name): [string, string, string] => [what, form(name), name]),
  );

  it.each(rows)('%s: %s', (_what, path, resource) => {
    const expected = methods.map(() => `deny secret:${resource}`);
    expect(methods.map((method) => decision(method, `${account}/${path}`))).toEqual(expected);
  });
});

describe('the sender that the administrator has set stands in for one that the caller does not name', () => {
  const from = (unless: string[]) => [{ parameter: 'From', value: '+15550001111', unless }];
  const requests: [string, Method, string, unknown][] = [
    ['a message', 'POST', '/Messages.json', from(['From', 'MessagingServiceSid'])],
    ['a message that is answered as XML', 'POST', '/Messages', from(['From', 'MessagingServiceSid'])],
    ['a call', 'POST', '/Calls.json', from(['From'])],
    ['but not the change of a message', 'POST', '/Messages/SM1.json', undefined],
    ['nor the change of a call', 'POST', '/Calls/CA1.json', undefined],
    ['nor a list', 'GET', '/Messages.json', undefined],
    ['nor anything else', 'POST', '/Queues.json', undefined],
  ];

  it.each(requests)('%s', (_what, method, path, defaults) => {
    expect(ruleFor(method, account + path)).toEqual(expect.objectContaining({ collection: 'messages' }));
    expect(Object(ruleFor(method, account + path)).defaults).toEqual(defaults);
  });

  it('and nothing stands in where none is set', () => {
    const { phoneNumber: _none, ...settings } = twilioSettings;
    const rule = matchRule(twilio(settings).rules, 'POST', `${account}/Messages.json`);
    expect(rule).toEqual(expect.objectContaining({ collection: 'messages' }));
    expect(rule).not.toHaveProperty('defaults');
  });
});
