import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { answerHeaders } from '../../../src/answer/answer-headers.ts';
import { Secret } from '../../../src/config/secret.ts';
import type { Credential } from '../../../src/upstreams/upstream.ts';
import { addressesOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { stripeUpstream } from '../settings.ts';

const told = (headers: IncomingHttpHeaders, upstream = stripeUpstream) =>
  answerHeaders(incoming(headers), upstream, addressesOf(upstream));
const privately = { 'cache-control': 'private, no-store' };

describe('of the upstream’s answer headers the caller gets', () => {
  const kept = [
    'content-type',
    'content-length',
    'content-encoding',
    'content-disposition',
    'content-range',
    'accept-ranges',
    'date',
    'etag',
    'last-modified',
    'link',
    'location',
    'retry-after',
    'vary',
    'request-id',
    'stripe-version',
    'stripe-should-retry',
    'idempotent-replayed',
    'original-request',
    'twilio-request-id',
    'x-anything',
  ];
  it.each(kept)('%s', (name) => {
    expect(told({ [name]: 'x' })).toEqual({ ...privately, [name]: 'x' });
  });
});

describe('of the upstream’s answer headers the caller never gets', () => {
  const reasons: [string, string[]][] = [
    ['they are for the hop between upstream and gateway', ['connection', 'keep-alive', 'proxy-connection', 'te']],
    ['the gateway frames its own answer', ['trailer', 'transfer-encoding', 'upgrade']],
    ['they are about the gateway’s credential', ['www-authenticate', 'proxy-authenticate', 'authentication-info']],
    ['they would sit beside Directus’ own cookies', ['set-cookie', 'set-cookie2']],
    ['CORS is the gateway’s to decide', ['access-control-allow-origin', 'access-control-allow-credentials']],
    ['so is whatever CORS may yet bring', ['access-control-expose-headers', 'access-control-anything']],
    ['they would change what browsers think of the gateway', ['strict-transport-security', 'clear-site-data']],
    ['the gateway has policies of its own', ['content-security-policy', 'x-frame-options', 'referrer-policy']],
    ['they would lead browsers past the gateway', ['alt-svc', 'service-worker-allowed', 'report-to', 'nel']],
    ['who serves it is no business of the caller’s', ['server', 'via', 'x-powered-by']],
    ['the gateway names its requests itself', ['x-request-id']],
  ];
  const rows = reasons.flatMap(([why, names]) => names.map((name): [string, string] => [name, why]));

  it.each(rows)('%s: %s', (name) => {
    const value = name === 'set-cookie' ? ['a=1', 'b=2'] : 'x';
    expect(told({ [name]: value })).toEqual(privately);
  });

  const connections: [string, string][] = [
    ['x-up', 'what Connection names'],
    ['close, X-Up', 'what Connection names in another case among others'],
    ['cache-control', 'what Connection names, though the caller’s caches must still be told'],
  ];
  it.each(connections)('Connection: %s (%s)', (connection) => {
    const answer = { connection, [connection === 'cache-control' ? connection : 'x-up']: 'x' };
    expect(told(answer)).toEqual(privately);
  });
});

describe('what one caller may see is never kept by a cache that others share', () => {
  const values: [string | undefined, string][] = [
    [undefined, 'private, no-store'],
    ['', 'private, no-store'],
    ['public, max-age=60', 'private, no-store'],
    ['max-age=60', 'private, no-store'],
    ['no-cache', 'private, no-store'],
    ['private="set-cookie", max-age=60', 'private, no-store'],
    ['private, public', 'private, no-store'],
    ['no-store,public', 'private, no-store'],
    ['x-private, max-age=60', 'private, no-store'],
    ['private-ish', 'private, no-store'],
    ['no-store', 'no-store'],
    ['private, max-age=60', 'private, max-age=60'],
    ['No-Cache,No-Store', 'No-Cache,No-Store'],
  ];

  it.each(values)('%j becomes %j', (given, expected) => {
    const headers = given === undefined ? {} : { 'cache-control': given };
    expect(told(headers)['cache-control']).toBe(expected);
  });
});

describe('what gives the gateway’s credential away never reaches the caller', () => {
  const value = new Secret('c+n/ry=1', stripeUpstream.origin);
  const credentials: [string, Credential][] = [
    ['a bearer token', { kind: 'bearer', token: value }],
    ['a password', { kind: 'basic', user: value, password: value }],
    ['a header', { kind: 'header', name: 'x-api-key', value }],
    ['a query parameter', { kind: 'query', name: 'key', value }],
  ];
  const headers: [string, string][] = [
    ['location', 'https://api.stripe.com/v1/files?key=c%2Bn%2Fry%3D1'],
    ['link', '<https://api.stripe.com/v1/files?page=2&key=c%2Bn%2Fry%3D1>; rel=next'],
    ['x-anything', 'echo c+n/ry=1'],
  ];
  /** Addresses lose the parameter that bears the credential instead (gateway-addresses.test.ts). */
  const isTaken = (credential: Credential, name: string) => credential.kind === 'query' && name !== 'x-anything';
  const rows = credentials.flatMap(([what, credential]) =>
    headers
      .filter(([name]) => !isTaken(credential, name))
      .map(([name, header]): [string, string, string, Credential] => [what, name, header, credential]),
  );
  it.each(rows)('%s in %s', (_what, name, header, credential) => {
    const upstream = { ...stripeUpstream, credentials: [{ kind: 'bearer', token: other } as const, credential] };
    expect(told({ [name]: header, etag: 'x' }, upstream)).toEqual({ ...privately, etag: 'x' });
    expect(told({ [name]: 'x' }, upstream)).toEqual({ ...privately, [name]: 'x' });
  });
  const other = new Secret('another', stripeUpstream.origin);

  it('in one of several lines of the same name', () => {
    const { link } = told({ link: '<a>; rel=a, <b?key=sk_test_canary>; rel=b' });
    expect(link).toBeUndefined();
  });
});

it('an administrator names headers that callers do not get, in any case', () => {
  const upstream = { ...stripeUpstream, answerHeaders: { drop: ['x-account'] } };
  expect(told({ 'x-account': 'x', 'x-accounts': 'x' }, upstream)).toEqual({ ...privately, 'x-accounts': 'x' });
});

describe('an address of the upstream becomes one of the gateway’s', () => {
  it.each(['location', 'content-location'])('in %s', (name) => {
    expect(told({ [name]: 'https://api.stripe.com/v1/x?a=1' })[name]).toBe('https://gateway.example/stripe/v1/x?a=1');
  });
  it('in Link', () => {
    expect(told({ link: '<https://api.stripe.com/v1/x?page=2>; rel="next"' }).link).toBe(
      '<https://gateway.example/stripe/v1/x?page=2>; rel="next"',
    );
  });
  it('and in no other header', () => {
    expect(told({ 'x-docs': 'https://api.stripe.com/v1' })['x-docs']).toBe('https://api.stripe.com/v1');
  });
});
