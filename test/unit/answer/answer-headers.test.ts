import { describe, expect, it } from '@jest/globals';
import { answerHeaders } from '../../../src/answer/answer-headers.ts';
import { incoming } from '../incoming.ts';

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
    expect(answerHeaders(incoming({ [name]: 'x' }))).toEqual({ ...privately, [name]: 'x' });
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
    expect(answerHeaders(incoming({ [name]: value }))).toEqual(privately);
  });

  const connections: [string, string][] = [
    ['x-up', 'what Connection names'],
    ['close, X-Up', 'what Connection names in another case among others'],
    ['cache-control', 'what Connection names, though the caller’s caches must still be told'],
  ];
  it.each(connections)('Connection: %s (%s)', (connection) => {
    const answer = incoming({ connection, [connection === 'cache-control' ? connection : 'x-up']: 'x' });
    expect(answerHeaders(answer)).toEqual(privately);
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
    expect(answerHeaders(incoming(headers))['cache-control']).toBe(expected);
  });
});
