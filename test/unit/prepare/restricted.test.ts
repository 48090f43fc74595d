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
const jsonUpstream: Upstream = { ...stripeUpstream, bodyForm: 'json' };
const rows: Grant['rows'] = { collection: 'c', field: 'stripe_id', from: [{ body: 'customer' }] };

type Sent = { headers?: IncomingHttpHeaders; body?: string; query?: string; upstream?: Upstream };

function outgoing(grant: Partial<Grant>, { headers = {}, body = '', query = '', upstream = stripeUpstream }: Sent) {
  const request = incoming({ 'content-length': String(Buffer.byteLength(body)), ...headers }, body);
  return prepare(sourceOf(request), admittedTo(upstream, { path: '/x', query, grant: grantOf(grant) }));
}

describe('the administrator’s presets fill in what the caller leaves out', () => {
  const presets = { tenant: 't1', metadata: { by: 'directus' } };
  const filled = 'tenant=t1&metadata%5Bby%5D=directus';
  const bodies: [string, Sent, string][] = [
    ['a form, byte for byte', { headers: form, body: 'a=%20+&b' }, `a=%20+&b&${filled}`],
    ['JSON that becomes a form', { headers: json, body: '{"a":1}' }, `a=1&${filled}`],
    ['an empty JSON object', { headers: json, body: '{}' }, filled],
    ['no body', {}, filled],
    ['no body, though a type', { headers: json }, filled],
    ['a form that names one', { headers: form, body: 'tenant=t2' }, 'tenant=t2&metadata%5Bby%5D=directus'],
    ['a form that empties one', { headers: form, body: 'tenant=' }, 'tenant=&metadata%5Bby%5D=directus'],
    [
      'a form that names a part of one that it may send whole',
      { headers: form, body: 'metadata[x]=1' },
      'metadata[x]=1&tenant=t1',
    ],
    ['JSON that unsets one', { headers: json, body: '{"tenant":null}' }, 'tenant=&metadata%5Bby%5D=directus'],
    ['a form in another case', { headers: form, body: 'Tenant=t2' }, `Tenant=t2&${filled}`],
    [
      'JSON for an upstream that takes JSON',
      { headers: json, body: '{"tenant":"t2","a":[1]}', upstream: jsonUpstream },
      '{"tenant":"t2","metadata":{"by":"directus"},"a":[1]}',
    ],
    [
      'no body for an upstream that takes JSON',
      { upstream: jsonUpstream },
      '{"tenant":"t1","metadata":{"by":"directus"}}',
    ],
    [
      'JSON for Twilio',
      { headers: json, body: '{"To":"+1"}', upstream: twilioUpstream },
      'To=%2B1&tenant=t1&metadata=%7B%22by%22%3A%22directus%22%7D',
    ],
  ];
  it.each(bodies)('%s', async (_what, sent, expected) => {
    const { body, headers } = await outgoing({ presets }, sent);
    expect(body?.toString()).toBe(expected);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(expected)));
    expect(headers['content-type']).toBe(
      sent.upstream === jsonUpstream ? 'application/json' : 'application/x-www-form-urlencoded',
    );
  });

  it('and nothing on top of a parameter that stands in the query', async () => {
    const { target, body } = await outgoing({ presets: { tenant: 't1' } }, { query: 'tenant=t2' });
    expect([target, body?.toString() ?? '']).toEqual(['/x?tenant=t2', '']);
  });

  it('before the defaults of the rule', async () => {
    const defaults = [{ parameter: 'From', value: '+1', unless: ['From'] }];
    const grant = { presets: { Tenant: 't1' }, rule: { path: '/*', collection: 'c', defaults } };
    const { body } = await outgoing(grant, { headers: form, body: 'To=2', upstream: twilioUpstream });
    expect(body?.toString()).toBe('To=2&Tenant=t1&From=%2B1');
  });
});

describe('a preset on a field that is not listed is forced: the caller is refused who names it', () => {
  const grant = { fields: ['amount'], presets: { tenant: 't1' } };
  const requests: [string, Sent][] = [
    ['in a form', { headers: form, body: 'amount=1&tenant=t2' }],
    ['in a form, encoded', { headers: form, body: '%74enant=t2' }],
    ['in part', { headers: form, body: 'tenant[x]=t2' }],
    ['in JSON', { headers: json, body: '{"tenant":"t2"}' }],
    ['in JSON for an upstream that takes it', { headers: json, body: '{"tenant":null}', upstream: jsonUpstream }],
    ['in the query', { headers: form, body: 'amount=1', query: 'tenant=t2' }],
    ['in the query, without a body', { query: 'tenant=t2' }],
  ];
  it.each(requests)('%s', async (_where, sent) => {
    expect((await refusalIn(outgoing(grant, sent))).logReason).toBe('unlisted_field');
  });

  it('and has the rest of an object forced who may name a part of it', async () => {
    const part = { fields: ['metadata.note'], presets: { metadata: { tenant: 't1' } } };
    const { body } = await outgoing(part, { headers: form, body: 'metadata[note]=x' });
    expect(body?.toString()).toBe('metadata[note]=x&metadata%5Btenant%5D=t1');
    const other = outgoing(part, { headers: form, body: 'metadata[tenant]=t2' });
    expect((await refusalIn(other)).logReason).toBe('unlisted_field');
  });

  it('and has it filled in who does not', async () => {
    const { body } = await outgoing(grant, { headers: form, body: 'amount=1' });
    expect(body?.toString()).toBe('amount=1&tenant=t1');
  });
});

describe('under restriction a body that cannot be understood is refused', () => {
  const restrictions: [string, Partial<Grant>][] = [
    ['fields', { fields: ['a'] }],
    ['presets', { presets: { tenant: 't1' } }],
    ['an item rule', { rows }],
  ];
  const bodies: [string, Sent, string][] = [
    [
      'a file',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['text', { headers: { 'content-type': 'text/plain' }, body: 'a=1' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body of no type', { body: 'a=1' }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'one that only begins like a form',
      { headers: { 'content-type': `${form['content-type']}x` }, body: 'a=1' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a compressed form', { headers: { ...form, 'content-encoding': 'gzip' }, body: 'a=1' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['compressed JSON', { headers: { ...json, 'content-encoding': 'br' }, body: '{}' }, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form in another charset',
      { headers: { 'content-type': `${form['content-type']};charset=utf-16` }, body: 'a=1' },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a form for an upstream that takes JSON',
      { headers: form, body: 'a=1', upstream: jsonUpstream },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['JSON that is a list', { headers: json, body: '[]', upstream: jsonUpstream }, 'INVALID_PAYLOAD'],
    ['a form with one name twice', { headers: form, body: 'a=1&a=2' }, 'INVALID_PAYLOAD'],
    ['amount beside amount[]', { headers: form, body: 'amount=1&amount[]=2' }, 'INVALID_PAYLOAD'],
    ['a semicolon', { headers: form, body: 'a=1;b=2' }, 'INVALID_PAYLOAD'],
    ['a query beside a body that says otherwise', { headers: form, body: 'a=1', query: 'a=2' }, 'INVALID_PAYLOAD'],
    ['the same beside JSON', { headers: json, body: '{"a":1}', query: 'a=2' }, 'INVALID_PAYLOAD'],
    [
      'the same where JSON is taken',
      { headers: json, body: '{"a":1}', query: 'a=2', upstream: jsonUpstream },
      'INVALID_PAYLOAD',
    ],
    ['a query that can be misread', { query: 'a[b=1' }, 'INVALID_PAYLOAD'],
    ['too much of it', { headers: form, body: `a=${'x'.repeat(1_000)}` }, 'CONTENT_TOO_LARGE'],
  ];
  const cases = restrictions.flatMap(([why, grant]) =>
    bodies.map(([what, sent, code]): [string, string, Partial<Grant>, Sent, string] => [why, what, grant, sent, code]),
  );
  it.each(cases)('%s: %s', async (_why, _what, grant, sent, code) => {
    expect((await refusalIn(outgoing(grant, sent))).code).toBe(code);
  });
});

describe('under restriction the upstream gets what was decided on, byte for byte', () => {
  const bodies: [string, Sent, string | undefined][] = [
    ['a form', { headers: form, body: 'a[b]=%20+&a%5Bc%5D=x%2b&' }, 'a[b]=%20+&a%5Bc%5D=x%2b&'],
    [
      'JSON with one name twice, of which the last counts',
      { headers: json, body: '{"a":1,"a":2}', upstream: jsonUpstream },
      '{"a":2}',
    ],
    ['no body', {}, undefined],
  ];
  it.each(bodies)('%s', async (_what, sent, expected) => {
    expect((await outgoing({ fields: ['a'] }, sent)).body?.toString()).toBe(expected);
  });

  it('and what rows are weighed by is what is sent', async () => {
    const { named } = await outgoing(
      { rows },
      { headers: json, body: '{"customer":"cus_1","x":{"y":1}}', query: 'q=1' },
    );
    expect(named).toEqual({
      query: [{ name: 'q', path: ['q'], value: '1' }],
      body: [
        { name: 'customer', path: ['customer'], value: 'cus_1' },
        { name: 'x[y]', path: ['x', 'y'], value: '1' },
      ],
    });
  });

  it('and the answer is cut to the same fields', async () => {
    const { cut, headers } = await outgoing({ fields: ['a'] }, { headers: { 'accept-encoding': 'gzip' } });
    expect(cut?.answer({ id: 'x', a: 1, b: 2 })).toEqual({ id: 'x', a: 1 });
    expect(headers['accept-encoding']).toBe('identity');
    expect((await outgoing({ presets: { a: 1 } }, {})).cut).toBeUndefined();
  });
});
