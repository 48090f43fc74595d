import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Grant } from '../../../src/authorize/authorize.ts';
import { prepare } from '../../../src/prepare/prepare.ts';
import type { Upstream } from '../../../src/upstreams/upstream.ts';
import { admittedTo, grantOf, sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { refusalIn } from '../refusal.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const plain = grantOf();
const withFrom = grantOf({
  rule: {
    ...plain.rule,
    defaults: [{ parameter: 'From', value: '+1555', unless: ['From', 'MessagingServiceSid'] }],
  },
});
type More = { upstream?: Upstream; grant?: Grant; query?: string; maxBytes?: number };

function prepared(headers: IncomingHttpHeaders, body: string, more: More = {}) {
  const { upstream = twilioUpstream, grant = plain, query = '', maxBytes = 1_000 } = more;
  const request = incoming({ 'content-length': String(Buffer.byteLength(body)), ...headers }, body);
  const admitted = admittedTo(upstream, { path: '/x/%2B1', query, grant });
  return { request, outgoing: prepare(sourceOf(request, maxBytes), admitted) };
}

async function sentBody(headers: IncomingHttpHeaders, body: string, more: More = {}): Promise<string | undefined> {
  const outgoing = await prepared(headers, body, more).outgoing;
  return outgoing.body?.toString('utf8');
}

describe('the upstream is asked for the path and query that the caller wrote, less the token', () => {
  const queries: [string, string, string][] = [
    ['no query', '', '/x/%2B1'],
    ['a query', 'DateSent%3E=1&a=%20+', '/x/%2B1?DateSent%3E=1&a=%20+'],
    ['a query with the token', 'a=1&access_token=abc&b', '/x/%2B1?a=1&b'],
    ['nothing but the token', 'access_token=abc', '/x/%2B1'],
  ];
  it.each(queries)('%s', async (_what, query, target) => {
    expect((await prepared({}, '', { query }).outgoing).target).toBe(target);
  });
});

describe('a caller’s JSON reaches an upstream that takes forms as a form', () => {
  const types: [string, string][] = [
    ['plainly', 'application/json'],
    ['with its charset', 'application/json; charset=utf-8'],
    ['in another case', 'Application/JSON ;charset="UTF-8"'],
  ];
  it.each(types)('named %s', async (_how, type) => {
    const { outgoing } = prepared({ 'content-type': type }, '{"To":"+1","Body":"ä"}');
    const { body, headers } = await outgoing;
    expect(body?.toString()).toBe('To=%2B1&Body=%C3%A4');
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers['content-length']).toBe('19');
  });

  it('in Stripe’s notation for Stripe and in Twilio’s for Twilio', async () => {
    const body = '{"a":{"b":["x","y"]}}';
    expect(await sentBody(json, body, { upstream: stripeUpstream })).toBe('a%5Bb%5D%5B0%5D=x&a%5Bb%5D%5B1%5D=y');
    expect(await sentBody(json, body)).toBe('a=%7B%22b%22%3A%5B%22x%22%2C%22y%22%5D%7D');
  });

  it('with its new length, where the caller sent chunks', async () => {
    const { outgoing } = prepared({ ...json, 'content-length': undefined, 'transfer-encoding': 'chunked' }, '{"a":1}');
    const { headers } = await outgoing;
    expect(headers['content-length']).toBe('3');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('with its new length, where the caller’s Connection header would take it away', async () => {
    const { headers } = await prepared({ ...json, connection: 'content-length' }, '{"a":1}').outgoing;
    expect(headers['content-length']).toBe('3');
  });

  const refused: [string, IncomingHttpHeaders, string, string][] = [
    ['a list', json, '[]', 'INVALID_PAYLOAD'],
    ['too much', json, `{"a":"${'x'.repeat(1_000)}"}`, 'CONTENT_TOO_LARGE'],
    ['compressed', { ...json, 'content-encoding': 'gzip' }, '{}', 'UNSUPPORTED_MEDIA_TYPE'],
    ['in another charset', { 'content-type': 'application/json; charset=utf-16' }, '{}', 'UNSUPPORTED_MEDIA_TYPE'],
  ];
  it.each(refused)('but not %s', async (_what, headers, body, code) => {
    expect((await refusalIn(prepared(headers, body).outgoing)).code).toBe(code);
  });
});

describe('the administrator’s default stands in for what the caller’s form leaves out', () => {
  const bodies: [string, IncomingHttpHeaders, string, string][] = [
    ['JSON without it', json, '{"To":"+1"}', 'To=%2B1&From=%2B1555'],
    ['an empty JSON object', json, '{}', 'From=%2B1555'],
    ['a form without it, byte for byte', form, 'To=%2b1&Body=a%20b&&', 'To=%2b1&Body=a%20b&&&From=%2B1555'],
    ['a form with a charset', { 'content-type': `${form['content-type']};charset=UTF-8` }, 'To=1', 'To=1&From=%2B1555'],
    ['JSON with it', json, '{"From":"+2"}', 'From=%2B2'],
    ['JSON that unsets it', json, '{"From":null}', 'From='],
    ['a form with it', form, 'From=%2B2&To=1', 'From=%2B2&To=1'],
    ['a form with it, its name encoded', form, '%46rom=%2B2', '%46rom=%2B2'],
    ['a form with another sender', form, 'MessagingServiceSid=MG1', 'MessagingServiceSid=MG1'],
    ['a form with a name in another case, which is another name', form, 'from=1', 'from=1&From=%2B1555'],
  ];
  it.each(bodies)('%s', async (_what, headers, body, sent) => {
    expect(await sentBody(headers, body, { grant: withFrom })).toBe(sent);
  });

  it('with the length of the whole in bytes', async () => {
    const { body, headers } = await prepared(form, 'Body=ä', { grant: withFrom }).outgoing;
    expect(body?.toString()).toBe('Body=ä&From=%2B1555');
    expect(headers['content-length']).toBe('20');
  });
});

describe('a caller’s body that need not change is not read', () => {
  const lenient = { ...twilioUpstream, forbiddenParameters: [] };
  const bodies: [string, IncomingHttpHeaders, string, More][] = [
    ['a form, where there is no default', form, 'a=1', {}],
    ['a file', { 'content-type': 'multipart/form-data; boundary=x' }, '--x', { grant: withFrom }],
    ['text', { 'content-type': 'text/plain' }, '{"a":1}', { grant: withFrom }],
    ['a type that only begins like JSON', { 'content-type': 'application/json-seq' }, '{"a":1}', { grant: withFrom }],
    ['a body of no type', {}, '{"a":1}', { grant: withFrom }],
    ['JSON for an upstream that takes JSON', json, '[1]', { upstream: { ...lenient, bodyForm: 'json' } }],
    ['JSON of no length', json, '', { grant: withFrom }],
    ['no body at all', { 'content-length': undefined, ...json }, '', { grant: withFrom }],
    ['one larger than what is read', form, 'x'.repeat(2_000), {}],
    ['a compressed one', { ...form, 'content-encoding': 'gzip' }, 'x', {}],
  ];
  it.each(bodies)('%s', async (_what, headers, body, more) => {
    const { request, outgoing } = prepared(headers, body, { upstream: lenient, ...more });
    const sent = await outgoing;
    expect(sent.body).toBeUndefined();
    expect(request.readableDidRead).toBe(false);
    expect(sent.headers['content-type']).toBe(headers['content-type']);
    expect(sent.headers['content-length']).toBe(request.headers['content-length']);
    expect(sent.headers['content-encoding']).toBe(headers['content-encoding']);
  });
});
