import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Accountability } from '../../../src/directus/accountability.ts';
import { requestHeaders } from '../../../src/prepare/request-headers.ts';
import type { Upstream } from '../../../src/upstreams/upstream.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const caller: Accountability = { user: 'user-1', role: null, share: null, ip: '203.0.113.7', permissions: new Map() };
const token = 'canaryTokenOfTheCaller';

/** The allow-list, written out again: a name that slips into the code's own is a failure here. */
const harmless = [
  ...['accept', 'accept-encoding', 'accept-language', 'cache-control', 'content-encoding', 'content-language'],
  ...['content-type', 'if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'prefer'],
  ...['range', 'user-agent', 'content-length', 'transfer-encoding'],
];

const tokenPlaces = [
  ...['authorization', 'proxy-authorization', 'cookie', 'cookie2', 'x-access-token', 'x-directus-token', 'x-api-key'],
  ...[
    'x-auth-token',
    'authentication',
    'www-authenticate',
    'access_token',
    'access-token',
    'referer',
    'origin',
    'from',
  ],
  ...['x-forwarded-authorization', 'x-original-authorization', 'x-http-method-override', 'x-original-url'],
];
const others = [
  ...['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via', 'host', 'connection', 'keep-alive', 'te'],
  ...['trailer', 'upgrade', 'proxy-connection', 'http2-settings', 'expect', 'x-request-id', 'stripe-account'],
  ...['stripe-context', 'x_forwarded_for', 'content_length', 'transfer_encoding', 'constructor', 'hasownproperty'],
];
const name = fc.oneof(
  fc.constantFrom(...tokenPlaces),
  fc.constantFrom(...others),
  fc.constantFrom(...harmless, 'stripe-version', 'idempotency-key', 'x-twilio-signature', 'i-twilio-idempotency-token'),
  fc.stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,16}$/),
);
const headers = fc
  .uniqueArray(fc.tuple(name, fc.string({ maxLength: 12 })), { maxLength: 12, selector: ([each]) => each })
  .map((pairs) =>
    Object.fromEntries(
      pairs.map(([each, value]) => [each, tokenPlaces.includes(each) ? `x ${token} ${value}` : value]),
    ),
  );
const naming = fc.array(name, { maxLength: 4 }).map((names) => names.join(', '));
const requests = fc.record({
  received: fc
    .tuple(headers, fc.option(naming, { nil: undefined }))
    .map(([given, connection]): IncomingHttpHeaders => (connection === undefined ? given : { ...given, connection })),
  upstream: fc.constantFrom<Upstream>(stripeUpstream, twilioUpstream),
  form: fc.constantFrom({ isRead: false, isCut: false }, { isRead: true, isCut: false }, { isRead: true, isCut: true }),
});
const runs = { numRuns: 5_000 };

describe('whatever headers a caller sends', () => {
  it('the upstream gets none that is not listed, and the caller’s token in none', () => {
    fc.assert(
      fc.property(requests, ({ received, upstream, form }) => {
        const sent = requestHeaders(received, upstream, caller, form);
        const { allow, set } = upstream.requestHeaders;
        const listed = new Set([...harmless, ...allow, ...Object.keys(set), upstream.idempotencyHeader]);
        expect(Object.keys(sent).filter((each) => !listed.has(each))).toEqual([]);
        expect(JSON.stringify(sent)).not.toContain(token);
      }),
      runs,
    );
  });

  it('those that go along are as they were sent, and none that Connection names goes along', () => {
    const ours = new Set(['accept-encoding', 'content-length', 'transfer-encoding']);
    fc.assert(
      fc.property(requests, ({ received, upstream, form }) => {
        const { set, drop } = upstream.requestHeaders;
        const sent = requestHeaders(received, upstream, caller, form);
        const named = new Set((received.connection ?? '').split(',').map((each) => each.trim().toLowerCase()));
        for (const [each, value] of Object.entries(sent)) {
          if (each in set || each === upstream.idempotencyHeader || (form.isRead && each === 'accept-encoding'))
            continue;
          expect(value).toBe(received[each]);
          expect(drop).not.toContain(each);
          if (!ours.has(each) || each === 'accept-encoding') expect(named.has(each)).toBe(false);
        }
      }),
      runs,
    );
  });

  it('the upstream’s own are there, whatever the caller sends under their names', () => {
    fc.assert(
      fc.property(requests, ({ received, upstream, form }) => {
        const { set } = upstream.requestHeaders;
        const clash = Object.fromEntries(Object.keys(set).map((each) => [each, `x ${token}`]));
        expect(requestHeaders({ ...received, ...clash }, upstream, caller, form)).toMatchObject(set);
      }),
      runs,
    );
  });
});
