import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Accountability } from '../../../src/directus/accountability.ts';
import { connectionOptions } from '../../../src/http/hop-by-hop.ts';
import { requestHeaders, separateByCaller } from '../../../src/prepare/request-headers.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const caller: Accountability = { user: 'user-1', role: null, share: null, ip: '203.0.113.7', permissions: new Map() };
const sent = (received: IncomingHttpHeaders, upstream = stripeUpstream) =>
  requestHeaders(received, upstream, caller, { isRead: false, isCut: false });

describe('of the caller’s headers the upstream gets', () => {
  const kept = [
    'accept',
    'accept-encoding',
    'accept-language',
    'cache-control',
    'content-encoding',
    'content-language',
    'content-length',
    'content-type',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'prefer',
    'range',
    'stripe-version',
    'transfer-encoding',
    'user-agent',
    'x-stripe-client-user-agent',
  ];
  it.each(kept)('%s', (name) => {
    expect(sent({ [name]: 'x' })).toEqual({ [name]: 'x' });
  });
});

describe('where the answer must be cut, the upstream is asked for all of it, as text', () => {
  const cut = (received: IncomingHttpHeaders) =>
    requestHeaders(received, stripeUpstream, caller, { isRead: true, isCut: true });
  const partly = ['range', 'if-range', 'if-none-match', 'if-modified-since', 'prefer'];

  it.each(partly)('without %s', (name) => {
    expect(cut({ [name]: 'x' })).toEqual({ 'accept-encoding': 'identity' });
  });

  it('not compressed, whatever the caller takes', () => {
    expect(cut({ 'accept-encoding': 'gzip, br' })).toEqual({ 'accept-encoding': 'identity' });
  });

  it('and nothing else changes', () => {
    const received = { accept: 'x', 'if-match': 'x', 'stripe-version': 'x', 'content-length': '3' };
    expect(cut(received)).toEqual({ ...received, 'accept-encoding': 'identity' });
  });
});

describe('where the answer is read and its links change, the upstream is asked for the whole, as text', () => {
  const read = (received: IncomingHttpHeaders) =>
    requestHeaders(received, stripeUpstream, caller, { isRead: true, isCut: false });

  it.each(['range', 'if-range'])('without %s', (name) => {
    expect(read({ [name]: 'x' })).toEqual({ 'accept-encoding': 'identity' });
  });

  it.each(['if-none-match', 'if-modified-since', 'prefer'])('yet with %s', (name) => {
    expect(read({ [name]: 'x' })).toEqual({ [name]: 'x', 'accept-encoding': 'identity' });
  });
});

describe('of the caller’s headers the upstream never gets', () => {
  const dropped: [string, string][] = [
    ['authorization', 'it holds the token'],
    ['host', 'the upstream has its own'],
    ['cookie', 'it holds the session'],
    ['proxy-authorization', 'a credential for a proxy'],
    ['x-api-key', 'a credential of some other kind'],
    ['stripe-account', 'it reaches another account'],
    ['stripe-context', 'it reaches another account'],
    ['connection', 'it is for this hop'],
    ['keep-alive', 'it is for this hop'],
    ['proxy-connection', 'it is for this hop'],
    ['te', 'it is for this hop'],
    ['trailer', 'it is for this hop'],
    ['upgrade', 'it would change the protocol'],
    ['http2-settings', 'it comes with an offer to change the protocol'],
    ['expect', 'the gateway has answered it'],
    ['forwarded', 'the caller’s network is no business of the upstream’s'],
    ['via', 'the way here is no business of the upstream’s'],
    ['x-forwarded-for', 'the caller’s address is no business of the upstream’s'],
    ['x-forwarded-host', 'it may be taken for the host'],
    ['x-forwarded-proto', 'it may be taken for the scheme'],
    ['x-real-ip', 'the caller’s address'],
    ['x-original-url', 'some servers take it for the path'],
    ['x-rewrite-url', 'some servers take it for the path'],
    ['x-http-method-override', 'some servers take it for the method'],
    ['origin', 'the caller’s page'],
    ['referer', 'it may hold a token'],
    ['sec-fetch-site', 'the browser says it to the gateway'],
    ['x-request-id', 'the gateway’s own'],
    ['x-anything', 'it is not known to be harmless'],
    ['constructor', 'it is named like a member of every object'],
  ];
  it.each(dropped)('%s: %s', (name) => {
    expect(sent({ [name]: 'x' })).toEqual({});
  });

  it('headers that belong to another upstream', () => {
    expect(sent({ 'stripe-version': 'x', 'idempotency-key': 'x' }, twilioUpstream)).toEqual({});
    expect(sent({ 'i-twilio-idempotency-token': 'x' })).toEqual({});
  });
});

describe('what a caller’s Connection header names stays here', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['a header that would pass', 'prefer', 'prefer', undefined],
    ['in another case', 'PREFER', 'prefer', undefined],
    ['among others', 'close, Prefer ,te', 'prefer', undefined],
    ['with a tab before it', 'close,\tprefer', 'prefer', undefined],
    ['one of the upstream’s own', 'stripe-version', 'stripe-version', undefined],
    ['only whole names', 'stripe', 'stripe-version', 'x'],
    ['not the length of the body, which would begin a second request', 'content-length', 'content-length', 'x'],
    ['nor its chunks', 'close, transfer-encoding', 'transfer-encoding', 'x'],
  ];
  it.each(cases)('%s', (_what, connection, name, value) => {
    expect(sent({ connection, [name]: 'x' })[name]).toBe(value);
  });

  it('no Connection header names nothing', () => {
    expect([...connectionOptions(undefined)]).toEqual([]);
  });
});

describe('an administrator decides on more headers', () => {
  const upstream = (requestHeaders: Partial<typeof stripeUpstream.requestHeaders>) => ({
    ...stripeUpstream,
    requestHeaders: { allow: [], drop: [], set: {}, ...requestHeaders },
  });

  it('that pass', () => {
    const allowed = sent({ 'x-extra': 'x', 'x-other': 'x', 'stripe-version': 'x' }, upstream({ allow: ['x-extra'] }));
    expect(allowed).toEqual({ 'x-extra': 'x' });
  });

  it('that do not, of the harmless ones and of those that pass', () => {
    const headers = { allow: ['x-extra'], drop: ['user-agent', 'x-extra'] };
    expect(sent({ 'x-extra': 'x', 'user-agent': 'x', accept: 'x' }, upstream(headers))).toEqual({ accept: 'x' });
  });

  it('that every request bears, whatever the caller sends, has dropped or names in Connection', () => {
    const headers = { allow: ['x-extra'], drop: ['x-extra'], set: { 'x-extra': 'ours', accept: 'ours' } };
    const expected = { 'x-extra': 'ours', accept: 'ours' };
    expect(sent({ 'x-extra': 'x', accept: 'x' }, upstream(headers))).toEqual(expected);
    expect(sent({ connection: 'x-extra, accept' }, upstream(headers))).toEqual(expected);
    expect(sent({}, upstream(headers))).toEqual(expected);
  });

  it('but never on how a body is framed', () => {
    const framing = { 'content-length': '3' };
    expect(sent(framing, upstream({ drop: ['content-length', 'transfer-encoding'] }))).toEqual(framing);
  });

  it('and what passes is still kept apart by caller where it is the idempotency key', () => {
    const key = sent({ 'idempotency-key': 'k' }, upstream({ allow: ['idempotency-key'] }))['idempotency-key'];
    expect(key).toBe(separateByCaller('k', caller));
  });
});

describe('callers share the upstream’s account, but not their idempotency keys', () => {
  const key = (who: Partial<Accountability>, value = 'key-1') => separateByCaller(value, { ...caller, ...who });
  const others: [string, string][] = [
    ['another user', key({ user: 'user-2' })],
    ['a share of the same name', key({ user: null, share: 'user-1' })],
    ['nobody', key({ user: null })],
    ['another key', key({}, 'key-2')],
    ['a user, share and key that join to the same text', key({ share: 'nullkey' }, '-1')],
    ['an odd user', key({ user: 'user-1",null,"key-1' }, '')],
  ];
  it.each(others)('%s gets a key of their own', (_who, other) => {
    expect(other).not.toBe(key({}));
  });

  it('the same caller gets the same key again, after a change of role and permissions too', () => {
    expect(key({ role: 'role-2', permissions: new Map([['customers', {}]]) })).toBe(key({}));
  });

  it('neither the caller nor the key can be read from it', () => {
    expect(key({})).toMatch(/^[0-9a-f]{64}$/);
  });

  const headers: [string, typeof stripeUpstream][] = [
    ['idempotency-key', stripeUpstream],
    ['i-twilio-idempotency-token', twilioUpstream],
  ];
  it.each(headers)('%s is sent so, even where Connection names it', (name, upstream) => {
    expect(sent({ [name]: 'key-1' }, upstream)[name]).toBe(key({}));
    expect(sent({ [name]: 'key-1', connection: name }, upstream)[name]).toBe(key({}));
    expect(sent({}, upstream)).not.toHaveProperty(name);
  });
});
