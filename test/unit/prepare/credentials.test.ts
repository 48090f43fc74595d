import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/config/secret.ts';
import { withCredential } from '../../../src/prepare/credentials.ts';
import { prepare } from '../../../src/prepare/prepare.ts';
import type { Credential, Upstream } from '../../../src/upstreams/upstream.ts';
import { admittedTo, sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { accountSid, stripeUpstream, twilioUpstream } from '../settings.ts';

const origin = 'https://api.example:8443';
const value = new Secret('c+n/r=y', origin, 'https://eu.example');
const upstreamBy = (...credentials: Credential[]): Upstream => ({
  ...stripeUpstream,
  origin,
  hosts: new Map([['eu', 'https://eu.example']]),
  credentials,
});
const sent = (upstream: Upstream, target = '/v1/x', headers = {}) =>
  withCredential({ headers, target }, upstream, origin);

describe('the upstream gets the gateway’s own credential and host', () => {
  const basic = `Basic ${Buffer.from('somebody:c+n/r=y').toString('base64')}`;
  const kinds: [string, Credential, Record<string, string>][] = [
    ['a bearer token', { kind: 'bearer', token: value }, { authorization: 'Bearer c+n/r=y' }],
    [
      'a name and password',
      { kind: 'basic', user: new Secret('somebody', origin), password: value },
      { authorization: basic },
    ],
    [
      'a key as name alone',
      { kind: 'basic', user: value },
      { authorization: `Basic ${Buffer.from('c+n/r=y:').toString('base64')}` },
    ],
    ['a header', { kind: 'header', name: 'x-api-key', value }, { 'x-api-key': 'c+n/r=y' }],
    [
      'a header with a scheme',
      { kind: 'header', name: 'authorization', scheme: 'Token', value },
      { authorization: 'Token c+n/r=y' },
    ],
  ];
  it.each(kinds)('as %s', (_kind, credential, headers) => {
    expect(sent(upstreamBy(credential))).toEqual({
      headers: { host: 'api.example:8443', ...headers },
      target: '/v1/x',
    });
  });

  it.each(kinds)('as %s, whatever the caller sent in its place', (_kind, credential, headers) => {
    const names = ['authorization', 'x-api-key', 'host'];
    const theirs = Object.fromEntries(names.map((name) => [name, 'theirs']));
    expect(sent(upstreamBy(credential), '/v1/x', theirs).headers).toEqual({
      ...theirs,
      host: 'api.example:8443',
      ...headers,
    });
  });

  const targets: [string, string][] = [
    ['/v1/x', '/v1/x?api%20key=c%2Bn%2Fr%3Dy'],
    ['/v1/x?a=1&b', '/v1/x?a=1&b&api%20key=c%2Bn%2Fr%3Dy'],
    ['/v1/x?a=?', '/v1/x?a=?&api%20key=c%2Bn%2Fr%3Dy'],
  ];
  it.each(targets)('as a query parameter behind %s', (target, expected) => {
    expect(sent(upstreamBy({ kind: 'query', name: 'api key', value }), target)).toEqual({
      headers: { host: 'api.example:8443' },
      target: expected,
    });
  });

  it('as several at once', () => {
    const all = upstreamBy(
      { kind: 'header', name: 'x-app', value },
      { kind: 'bearer', token: value },
      { kind: 'query', name: 'a', value },
      { kind: 'query', name: 'b', value },
    );
    expect(sent(all)).toEqual({
      headers: { host: 'api.example:8443', 'x-app': 'c+n/r=y', authorization: 'Bearer c+n/r=y' },
      target: '/v1/x?a=c%2Bn%2Fr%3Dy&b=c%2Bn%2Fr%3Dy',
    });
  });

  it('or none, where there is none', () => {
    expect(sent(upstreamBy())).toEqual({ headers: { host: 'api.example:8443' }, target: '/v1/x' });
  });

  it.each<Credential>([
    { kind: 'bearer', token: value },
    { kind: 'basic', user: new Secret('u', origin), password: value },
    { kind: 'header', name: 'x', value },
    { kind: 'query', name: 'x', value },
  ])('but never at an origin that it does not belong to: $kind', (credential) => {
    const upstream = upstreamBy(credential);
    expect(() => withCredential({ headers: {}, target: '/' }, upstream, 'https://evil.example')).toThrow(
      /does not belong/,
    );
  });
});

describe('a caller’s request bears it', () => {
  const outgoing = (upstream: Upstream, path: string, query = '') =>
    prepare(
      sourceOf(incoming({ host: 'gateway.example', authorization: 'Bearer theirs', cookie: 'theirs' })),
      admittedTo(upstream, { path, query }),
    );

  it('as Stripe and Twilio want it', async () => {
    expect((await outgoing(stripeUpstream, '/v1/x')).headers).toEqual({
      host: 'api.stripe.com',
      authorization: 'Bearer sk_test_canary',
    });
    expect((await outgoing(twilioUpstream, '/2010-04-01/x')).headers).toMatchObject({
      host: 'api.twilio.com',
      authorization: `Basic ${Buffer.from(`${accountSid}:canary`).toString('base64')}`,
    });
  });

  it('on the host that the path names, with that one’s name', async () => {
    const {
      origin: to,
      target,
      headers,
    } = await outgoing(upstreamBy({ kind: 'query', name: 'key', value }), '/eu/v1/x', 'a=1');
    expect([to, target, headers.host]).toEqual(['https://eu.example', '/v1/x?a=1&key=c%2Bn%2Fr%3Dy', 'eu.example']);
  });

  const claims = [
    'key=theirs',
    'KEY=theirs',
    'a=1&key',
    '%6bey=theirs',
    'key[]=theirs',
    'key[a]=theirs',
    'Key%5B%5D=x',
    'key=a&key=b',
  ];
  it.each(claims)('and the caller is refused who sends one: %s', async (query) => {
    await expect(outgoing(upstreamBy({ kind: 'query', name: 'key', value }), '/v1/x', query)).rejects.toMatchObject({
      status: query === 'key=a&key=b' ? 400 : 403,
    });
  });
});
