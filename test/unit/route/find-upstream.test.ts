import { describe, expect, it } from '@jest/globals';
import { findUpstream, isForUpstream, isMeantForUpstream } from '../../../src/route/find-upstream.ts';
import { destinationOf } from '../../../src/upstreams/destination.ts';
import { connectedBy } from '../connected.ts';
import { refusalOf } from '../refusal.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const stream = () => Promise.resolve();
const onHost = { ...twilioUpstream, hostnames: ['sms.example.com', 'stripe'] };
const upstreams = connectedBy([stripeUpstream, onHost], stream);

describe('a caller reaches the upstream that the first segment names, and the path below it', () => {
  const paths: [string, string, string][] = [
    ['/stripe/v1/customers', 'stripe', '/v1/customers'],
    ['/twilio/2010-04-01/Accounts/AC1/Calls.json', 'twilio', '/2010-04-01/Accounts/AC1/Calls.json'],
    ['/stripe/stripe/v1', 'stripe', '/stripe/v1'],
    ['/stripe/v1/%2B1', 'stripe', '/v1/%2B1'],
    ['/stripe/v1/', 'stripe', '/v1/'],
    ['/stripe/', 'stripe', '/'],
  ];

  it.each(paths)('%s', (path, name, rest) => {
    const found = findUpstream(upstreams, 'gateway.example.com', { path, query: 'a=%20' });
    expect(found.upstream.name).toBe(name);
    expect(found.stream).toBe(stream);
    expect([found.target, found.mount]).toEqual([{ path: rest, query: 'a=%20' }, `/${name}`]);
  });
});

describe('a caller reaches the upstream whose host name they use, and the whole path', () => {
  const paths: [string, string][] = [
    ['sms.example.com', '/v1/Services'],
    ['SMS.Example.com', '/twilio/v1'],
    ['sms.example.com', '/stripe/v1/customers'],
    ['sms.example.com', '/'],
    ['stripe', '/v1'],
  ];
  it.each(paths)('%s %s', (hostname, path) => {
    const { upstream, target, mount } = findUpstream(upstreams, hostname, { path, query: '' });
    expect([upstream.name, target, mount]).toEqual(['twilio', { path, query: '' }, '']);
  });

  it.each(['x.sms.example.com', 'sms.example.com.evil.test', 'example.com', '', undefined])(
    'but not by another name: %j',
    (hostname) => {
      expect(findUpstream(upstreams, hostname, { path: '/stripe/v1', query: '' }).upstream.name).toBe('stripe');
    },
  );
});

describe('a caller of a route that is not there is told so as Directus does', () => {
  const paths: [string, string][] = [
    ['/paypal/v1', 'no such upstream'],
    ['/stripe', 'nothing below the upstream'],
    ['/STRIPE/v1', 'names are case-sensitive'],
    ['/stripes/v1', 'a name that only begins alike'],
    ['/constructor/name', 'a member of every object'],
    ['/__proto__/x', 'the prototype of every object'],
    ['/', 'no name'],
  ];

  it.each(paths)('%s (%s)', (path) => {
    expect(refusalOf(() => findUpstream(upstreams, undefined, { path, query: '' }))).toMatchObject({
      code: 'ROUTE_NOT_FOUND',
      status: 404,
      message: `Route ${path} doesn't exist.`,
      extensions: { path },
    });
  });
});

describe('a caller reads errors in the form that clients of upstreams understand', () => {
  type Answers = [isFor: boolean, isMeantFor: boolean];
  const routes: [string, Answers, string][] = [
    ['/stripe/v1/customers?a=1', [true, true], 'a plain route'],
    ['/stripe/../x', [true, true], 'a path that is refused'],
    ['/stripe', [true, true], 'nothing below the upstream'],
    ['/stripe?a=/', [true, true], 'a query right after the name'],
    ['/paypal/v1', [false, true], 'an upstream that is not there, whose client must not take it for a success'],
    ['/servers/x', [false, true], 'a name that begins like one of the gateway’s own'],
    ['/?/stripe/', [false, true], 'the name only in the query'],
    ['/server/ping', [false, false], 'a route of the gateway’s own'],
    ['/server/nothing?a=/stripe/', [false, false], 'one that is not there'],
    ['/gateway/explain', [false, false], 'a route of the gateway’s own'],
    ['/metrics', [false, false], 'a route of the gateway’s own'],
  ];

  it.each(routes)('%s: %j (%s)', (route, expected) => {
    const host = 'gateway.example.com';
    expect([isForUpstream(upstreams, host, route), isMeantForUpstream(upstreams, host, route)]).toEqual(expected);
  });

  it.each(['/server/nothing', '/metrics', ''])(
    'whatever the path, on a host name that is the upstream’s: %j',
    (url) => {
      const host = 'SMS.example.com';
      expect([isForUpstream(upstreams, host, url), isMeantForUpstream(upstreams, host, url)]).toEqual([true, true]);
    },
  );
});

describe('a path leads to one of the upstream’s own hosts', () => {
  const upstream = {
    origin: 'https://api.example',
    hosts: new Map([
      ['verify.example', 'https://verify.example'],
      ['eu', 'https://eu.api.example:8443'],
    ]),
  };
  const paths: [string, string, string | undefined, [string, string, string]][] = [
    ['its own', '/v1/x', undefined, ['https://api.example', '/v1/x', '']],
    ['the one that the first segment names', '/eu/v1/x', undefined, ['https://eu.api.example:8443', '/v1/x', '/eu']],
    ['the same, with a final slash', '/eu/v1/', undefined, ['https://eu.api.example:8443', '/v1/', '/eu']],
    ['the root of one', '/eu', undefined, ['https://eu.api.example:8443', '/', '/eu']],
    ['the one that the rule names', '/v1/x', 'eu', ['https://eu.api.example:8443', '/v1/x', '']],
    [
      'the first segment’s, though the rule names one',
      '/verify.example/a',
      'eu',
      ['https://verify.example', '/a', '/verify.example'],
    ],
    ['its own where a segment is in another case', '/EU/v1', undefined, ['https://api.example', '/EU/v1', '']],
    ['its own where a further segment is a host', '/v1/eu', undefined, ['https://api.example', '/v1/eu', '']],
    [
      'its own where a segment is a member of every object',
      '/constructor/x',
      undefined,
      ['https://api.example', '/constructor/x', ''],
    ],
    [
      'its own where a segment only looks like a host',
      '/evil.example/x',
      undefined,
      ['https://api.example', '/evil.example/x', ''],
    ],
  ];
  it.each(paths)('%s: %s', (_what, path, host, [origin, sent, hostSegment]) => {
    expect(destinationOf({ ...stripeUpstream, ...upstream }, path, host)).toEqual({ origin, path: sent, hostSegment });
  });
});
