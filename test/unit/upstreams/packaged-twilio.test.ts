import { describe, expect, it } from '@jest/globals';
import { type Method, methods } from '../../../src/upstreams/upstream.ts';
import { packaged, publicCalls, ruleFor, spellings } from './packaged.ts';

const sid = 'AC0000000000000000000000000000000a';
const account = `/2010-04-01/Accounts/${sid}`;
const variables = { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: 'canary', TWILIO_COLLECTION: 'messages' };
const twilio = packaged('twilio', variables);
const calls = publicCalls('twilio', { account: sid });
const hostOf = (path: string) => path.split('/')[1] ?? '';

function decision(method: Method, path: string): string | undefined {
  const rule = ruleFor(twilio, method, path);
  if (rule === undefined) return undefined;
  return 'deny' in rule ? `deny ${rule.deny}` : rule.collection;
}

const isAllowed = (method: Method, path: string) => decision(method, path) === 'messages';

describe('every call of Twilio’s public API is decided on purpose', () => {
  it('by a rule that governs or refuses it', () => {
    expect(calls.length).toBeGreaterThan(1400);
    expect(calls.filter(({ method, path }) => decision(method, path) === undefined)).toEqual([]);
  });

  it('on a host that the upstream knows', () => {
    const hosts = [...new Set(calls.map(({ path }) => hostOf(path)))].filter((host) => host.includes('twilio.com'));
    expect([...twilio.hosts.keys()].sort()).toEqual(hosts.sort());
    expect([...twilio.hosts].filter(([host, origin]) => origin !== `https://${host}`)).toEqual([]);
  });

  it('and what sets up, costs or lets in is off, host by host', () => {
    const on = new Set(
      calls
        .filter(({ method, path }) => isAllowed(method, path))
        .map(({ path }) => hostOf(path).replace('.twilio.com', '')),
    );
    const messaging = ['chat', 'content', 'conversations', 'ip-messaging', 'messaging', 'notify', 'proxy', 'sync'];
    const calling = ['insights', 'lookups', 'pricing', 'studio', 'taskrouter', 'verify', 'video'];
    expect([...on].sort()).toEqual(['2010-04-01', ...messaging, ...calling].sort());
  });
});

describe('what holds a secret', () => {
  it('is refused or named by the rule that allows it', () => {
    const open = {
      ...twilio,
      rules: [...new Set(calls.map(({ path }) => hostOf(path)))].map((host) => ({
        path: `/${host}/*`,
        collection: 'mine',
      })),
    };
    const held = calls.filter(({ method, path }) => Object(ruleFor(open, method, path)).deny !== undefined);
    expect(held.length).toBeGreaterThan(40);
    const allowed = held
      .filter(({ method, path }) => isAllowed(method, path))
      .map(({ method, template }) => `${method} ${template}`);
    expect(allowed.sort()).toEqual([
      'POST /verify.twilio.com/v2/Services/:id/Entities/:id/Factors',
      'POST /verify.twilio.com/v2/Services/:id/Passkeys/Factors',
    ]);
  });

  const refused: [string, Method, string][] = [
    ['the account with its auth token', 'GET', `${account}.json`],
    ['the account under an empty name', 'GET', `${account}/.json`],
    ['all accounts', 'GET', '/2010-04-01/Accounts.json'],
    ['keys', 'POST', `${account}/Keys.json`],
    ['signing keys', 'POST', `${account}/SigningKeys.json`],
    ['credentials of a TURN server', 'POST', `${account}/Tokens.json`],
    ['a new auth token', 'POST', '/accounts.twilio.com/v1/AuthTokens/Promote'],
    ['a key of the account', 'POST', '/iam.twilio.com/v1/Keys'],
    ['a token for any identity', 'POST', '/verify.twilio.com/v2/Services/VA1/AccessTokens'],
    ['a token of a log-in', 'POST', '/oauth.twilio.com/v2/token'],
    ['variables of code', 'GET', '/serverless.twilio.com/v1/Services/ZS1/Environments/ZE1/Variables'],
    ['push credentials', 'GET', '/conversations.twilio.com/v1/Credentials'],
    ['webhooks of a number', 'POST', `${account}/IncomingPhoneNumbers/PN1.json`],
    ['a number, which costs', 'POST', `${account}/IncomingPhoneNumbers/Local.json`],
    ['webhooks of a short code', 'POST', `${account}/SMS/ShortCodes/SC1.json`],
    ['webhooks of an application', 'GET', `${account}/Applications/AP1.json`],
    ['who may call by SIP', 'GET', `${account}/SIP/CredentialLists.json`],
    ['a password for SIP', 'POST', `${account}/SIP/CredentialLists/CL1/Credentials.json`],
    ['addresses that SIP is taken from', 'POST', `${account}/SIP/IpAccessControlLists/AL1/IpAddresses.json`],
    ['who is told of usage', 'POST', `${account}/Usage/Triggers.json`],
    ['another number to call from', 'POST', `${account}/OutgoingCallerIds.json`],
    ['another number to call from, removed', 'DELETE', `${account}/OutgoingCallerIds/PN1.json`],
    ['an address of the company', 'POST', `${account}/Addresses.json`],
    ['a queue', 'POST', `${account}/Queues.json`],
    ['what a caller who waits hears next', 'POST', `${account}/Queues/QU1/Members/Front.json`],
    ['messages by the older resource', 'POST', `${account}/SMS/Messages.json`],
    ['a message of the older resource', 'DELETE', `${account}/SMS/Messages/SM1.json`],
    ['what Twilio may add to its API', 'POST', `${account}/Novelties.json`],
    ['what no client sends', 'PUT', `${account}/Messages/SM1.json`],
    ['webhooks of a conversation', 'POST', '/conversations.twilio.com/v1/Conversations/CH1/Webhooks'],
    [
      'webhooks of a service’s conversation',
      'POST',
      '/conversations.twilio.com/v1/Services/IS1/Conversations/CH1/Webhooks',
    ],
    ['webhooks of a channel', 'POST', '/chat.twilio.com/v2/Services/IS1/Channels/CH1/Webhooks'],
    ['the guard against toll fraud', 'POST', '/voice.twilio.com/v1/DialingPermissions/BulkCountryUpdates'],
    ['who may reach a document', 'POST', '/sync.twilio.com/v1/Services/IS1/Documents/ET1/Permissions/me'],
  ];
  it.each(refused)('and like all that configures it is refused in every spelling: %s', (_what, method, path) => {
    expect(isAllowed(method, path)).toBe(false);
    expect(spellings.filter(([, spell]) => isAllowed(method, spell(path))).map(([how]) => how)).toEqual([]);
  });
});

describe('no call that is refused is reached', () => {
  const refused = calls.filter(({ method, path }) => decision(method, path) !== 'messages');

  it.each(spellings)('%s', (_how, spell) => {
    const reached = refused.filter(({ method, path }) => isAllowed(method, spell(path)));
    expect(refused.length).toBeGreaterThan(800);
    expect(reached).toEqual([]);
  });
});

describe('what the collection governs', () => {
  const allowed: [Method, string][] = [
    ['POST', `${account}/Messages.json`],
    ['GET', `${account}/Calls/CA1/Recordings.json`],
    ['POST', '/verify.twilio.com/v2/Services/VA1/Verifications'],
    ['POST', '/verify.twilio.com/v2/Services/VA1/VerificationCheck'],
    ['GET', '/lookups.twilio.com/v2/PhoneNumbers/+15550001111'],
    ['POST', '/conversations.twilio.com/v1/Conversations/CH1/Messages'],
    ['POST', '/studio.twilio.com/v2/Flows/FW1/Executions'],
  ];
  it.each(allowed)('%s %s', (method, path) => {
    expect(decision(method, path)).toBe('messages');
  });

  it('of the account’s own API is reading, and what is sent and recorded', () => {
    const written = calls.filter(({ method, path }) => path.startsWith('/2010') && method !== 'GET');
    const allowed = written
      .filter(({ method, path }) => isAllowed(method, path))
      .map(({ method, template }) => `${method} ${template.replace('/2010-04-01/Accounts/:account/', '')}`);
    expect(allowed).toEqual([
      'POST Calls.json',
      'POST Calls/:id',
      'DELETE Calls/:id',
      'POST Calls/:id/Payments.json',
      'POST Calls/:id/Payments/:id',
      'POST Calls/:id/Recordings.json',
      'POST Calls/:id/Recordings/:id',
      'DELETE Calls/:id/Recordings/:id',
      'POST Calls/:id/Siprec.json',
      'POST Calls/:id/Siprec/:id',
      'POST Calls/:id/Streams.json',
      'POST Calls/:id/Streams/:id',
      'POST Calls/:id/Transcriptions.json',
      'POST Calls/:id/Transcriptions/:id',
      'POST Calls/:id/UserDefinedMessageSubscriptions.json',
      'DELETE Calls/:id/UserDefinedMessageSubscriptions/:id',
      'POST Calls/:id/UserDefinedMessages.json',
      'POST Conferences/:id',
      'POST Conferences/:id/Participants.json',
      'POST Conferences/:id/Participants/:id',
      'DELETE Conferences/:id/Participants/:id',
      'POST Conferences/:id/Recordings/:id',
      'DELETE Conferences/:id/Recordings/:id',
      'POST Messages.json',
      'POST Messages/:id',
      'DELETE Messages/:id',
      'POST Messages/:id/Feedback.json',
      'DELETE Messages/:id/Media/:id',
      'DELETE Recordings/:id',
      'DELETE Recordings/:id/AddOnResults/:id',
      'DELETE Recordings/:id/AddOnResults/:id/Payloads/:id',
      'DELETE Recordings/:id/Transcriptions/:id',
      'DELETE Transcriptions/:id',
    ]);
    const unread = calls
      .filter(({ method, path }) => method === 'GET' && path.startsWith(account) && !isAllowed(method, path))
      .map(({ template }) => template.split('/')[4]?.replace('.json', ''));
    const setUp = ['Applications', 'AuthorizedConnectApps', 'ConnectApps', 'Keys', 'SIP', 'SigningKeys', 'Usage'];
    expect([...new Set(unread)].sort()).toEqual(setUp);
  });

  it('is this account alone', () => {
    const other = '/2010-04-01/Accounts/AC0000000000000000000000000000000b/Messages.json';
    expect(methods.filter((method) => isAllowed(method, other))).toEqual([]);
  });

  it('asks for JSON where the product takes nothing else', () => {
    expect(ruleFor(twilio, 'POST', '/content.twilio.com/v1/Content')).toHaveProperty('bodyForm', 'json');
    expect(ruleFor(twilio, 'POST', '/verify.twilio.com/v2/Services/VA1/Passkeys/Factors')).toHaveProperty(
      'bodyForm',
      'json',
    );
    expect(ruleFor(twilio, 'POST', '/verify.twilio.com/v2/Services/VA1/Verifications')).not.toHaveProperty('body');
  });

  it('has its credential proved by what an ordinary key may do', () => {
    expect(twilio.probe).toBe(`${account}/Messages.json?PageSize=1`);
    expect(twilio.links).toEqual(['first_page_url', 'previous_page_url', 'next_page_url', 'url']);
  });
});
