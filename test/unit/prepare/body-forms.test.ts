import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Grant } from '../../../src/authorize/authorize.ts';
import { prepare } from '../../../src/prepare/prepare.ts';
import type { BodyForm, GoverningRule, Upstream } from '../../../src/upstreams/upstream.ts';
import { admittedTo, grantOf, sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { refusalIn } from '../refusal.ts';
import { stripeUpstream } from '../settings.ts';

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const file = { 'content-type': 'multipart/form-data; boundary=x' };

type More = { upstream?: Partial<Upstream>; rule?: Partial<GoverningRule>; grant?: Partial<Grant>; query?: string };

/** What an upstream that takes this form gets; `streamed`: the caller's body as it comes. */
async function got(bodyForm: BodyForm, headers: IncomingHttpHeaders, body: string, more: More = {}) {
  const request = incoming({ 'content-length': String(Buffer.byteLength(body)), ...headers }, body);
  const upstream = { ...stripeUpstream, bodyForm, ...more.upstream };
  const grant = grantOf({ rule: { path: '/*', collection: 'c', ...more.rule }, ...more.grant });
  const admitted = admittedTo(upstream, { path: '/x', query: more.query ?? '', grant });
  const outgoing = await prepare(sourceOf(request), admitted);
  return outgoing.body === undefined ? 'streamed' : `${outgoing.headers['content-type']} ${outgoing.body.toString()}`;
}
const refusal = async (...given: Parameters<typeof got>) => (await refusalIn(got(...given))).code;

describe('a caller’s body reaches the upstream in the form that it takes', () => {
  const text = '{"a":{"b":[1]},"c":null}';
  const forms: [BodyForm, IncomingHttpHeaders, string, string][] = [
    ['as-is', json, text, 'streamed'],
    ['as-is', form, 'a=1', 'streamed'],
    ['as-is', file, '--x', 'streamed'],
    ['as-is', {}, 'x', 'streamed'],
    ['json', json, text, 'streamed'],
    ['json', { 'content-type': 'Application/JSON; charset=utf-8' }, text, 'streamed'],
    ['json', {}, '', 'streamed'],
    ['form-nested', json, text, 'application/x-www-form-urlencoded a%5Bb%5D%5B0%5D=1&c='],
    ['form-nested', form, 'a=1', 'streamed'],
    ['form-nested', file, '--x', 'streamed'],
    ['form-flat', json, '{"a":["x","y"]}', 'application/x-www-form-urlencoded a=x&a=y'],
    ['form-flat', form, 'a=1', 'streamed'],
  ];
  it.each(forms)('%s: %j', async (bodyForm, headers, body, expected) => {
    expect(await got(bodyForm, headers, body)).toBe(expected);
  });

  const others: [string, IncomingHttpHeaders][] = [
    ['a form', form],
    ['a file', file],
    ['text', { 'content-type': 'text/plain' }],
    ['what only begins like JSON', { 'content-type': 'application/jsonl' }],
    ['no type', {}],
  ];
  it.each(others)('but JSON is all that is taken where the form is json: not %s', async (_what, headers) => {
    expect(await refusal('json', headers, 'a=1')).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it('and a rule may say otherwise', async () => {
    expect(await got('json', form, 'a=1', { rule: { bodyForm: 'as-is' } })).toBe('streamed');
    expect(await got('as-is', json, '{"a":1}', { rule: { bodyForm: 'form-flat' } })).toBe(
      'application/x-www-form-urlencoded a=1',
    );
    expect(await refusal('as-is', form, 'a=1', { rule: { bodyForm: 'json' } })).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('where some parameters are forbidden, a body is understood or refused', () => {
  const upstream = { forbiddenParameters: ['test'] };
  const bodies: [BodyForm, IncomingHttpHeaders, string, string][] = [
    ['as-is', json, '{"a":1}', 'application/json {"a":1}'],
    ['as-is', json, '{"a":1,"test":1,"test":2}', 'FORBIDDEN'],
    ['as-is', json, '{"TEST":null}', 'FORBIDDEN'],
    ['as-is', form, 'a=1&b', 'application/x-www-form-urlencoded a=1&b'],
    ['as-is', form, 'a=1&Test=', 'FORBIDDEN'],
    ['as-is', file, '--x', 'UNSUPPORTED_MEDIA_TYPE'],
    ['as-is', {}, 'test=1', 'UNSUPPORTED_MEDIA_TYPE'],
    ['as-is', json, '[{"test":1}]', 'INVALID_PAYLOAD'],
    ['json', json, '{"test":{"a":1}}', 'FORBIDDEN'],
    ['json', form, 'test=1', 'UNSUPPORTED_MEDIA_TYPE'],
    ['form-nested', json, '{"test":1}', 'FORBIDDEN'],
    ['form-nested', form, 'test[a]=1', 'FORBIDDEN'],
    ['form-flat', form, '%74est=1', 'FORBIDDEN'],
    ['as-is', {}, '', 'streamed'],
  ];
  it.each(bodies)('%s, %j %s: %s', async (bodyForm, headers, body, expected) => {
    const outcome = got(bodyForm, headers, body, { upstream });
    expect(/^[A-Z_]+$/.test(expected) ? (await refusalIn(outcome)).code : await outcome).toBe(expected);
  });

  it('by a rule too, beside those of the upstream', async () => {
    const rule = { forbiddenParameters: ['debug'] };
    expect(await refusal('as-is', form, 'debug=1', { upstream, rule })).toBe('FORBIDDEN');
    expect(await refusal('as-is', form, 'test=1', { upstream, rule })).toBe('FORBIDDEN');
    expect(await refusal('as-is', {}, '', { upstream, rule, query: 'DEBUG=1' })).toBe('FORBIDDEN');
    expect(await got('as-is', form, 'debug=1', { upstream })).toContain('debug=1');
  });
});

describe('what is filled in takes the form of the body', () => {
  const grant = { presets: { tenant: 't1' } };
  const bodies: [BodyForm, IncomingHttpHeaders, string, string][] = [
    ['as-is', json, '{"a":1}', 'application/json {"tenant":"t1","a":1}'],
    ['as-is', form, 'a=1', 'application/x-www-form-urlencoded a=1&tenant=t1'],
    ['as-is', {}, '', 'application/json {"tenant":"t1"}'],
    ['json', {}, '', 'application/json {"tenant":"t1"}'],
    ['form-nested', {}, '', 'application/x-www-form-urlencoded tenant=t1'],
  ];
  it.each(bodies)('%s, %j %s', async (bodyForm, headers, body, expected) => {
    expect(await got(bodyForm, headers, body, { grant })).toBe(expected);
  });
});

it('a body that is larger than the upstream takes is refused by its length', async () => {
  const upstream = { limits: { open: 1, openPerCaller: 1, firstByteMs: 1, requestBodyBytes: 3 } };
  expect(await refusal('as-is', form, 'a=12', { upstream })).toBe('CONTENT_TOO_LARGE');
  expect(await got('as-is', form, 'a=1', { upstream })).toBe('streamed');
});
