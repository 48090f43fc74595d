import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { type Outgoing, prepare } from '../../../src/prepare/prepare.ts';
import type { Upstream } from '../../../src/upstreams/upstream.ts';
import { admittedTo, grantOf, sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';
import { newRack, oldRack, type Parser, readLikePhp, readPlainly } from './parsers.ts';

const parsers: [string, Parser][] = [
  ['a plain parser', readPlainly],
  ['Rack', newRack],
  ['an old Rack', oldRack],
  ['PHP', readLikePhp],
];
const fields = ['email', 'address.city', 'a', 'a_b', 'address.geo.lat'];
/** What the lists above name at the top; the one parameter beyond them is read by its value. */
const mayBeRead: ReadonlySet<string> = new Set([...fields.map((field) => field.split('.')[0] ?? ''), 'expand']);
const upstreams: Upstream[] = [stripeUpstream, twilioUpstream];

type Request = { upstream: Upstream; headers: IncomingHttpHeaders; body: Buffer; query: string };

/** What goes upstream, or nothing when the request is refused. */
async function sentOf({ upstream, headers, body, query }: Request): Promise<Outgoing | undefined> {
  const request = incoming({ 'content-length': String(body.length), ...headers }, body);
  const grant = grantOf({ fields, presets: {} });
  try {
    return await prepare(sourceOf(request), admittedTo(upstream, { path: '/x', query, grant }));
  } catch (error) {
    if (error instanceof GatewayError && error.status < 500) return undefined;
    throw error;
  }
}

/** The names that some parser reads from what is sent and that the caller may not send, with the parser. */
async function smuggled(request: Request): Promise<string[]> {
  const outgoing = await sentOf(request);
  if (outgoing === undefined) return [];
  const texts = [outgoing.target.split('?').slice(1).join('?'), (outgoing.body ?? request.body).toString('utf8')];
  return parsers.flatMap(([who, parse]) =>
    texts.flatMap((text) => parse(text).flatMap((name) => (mayBeRead.has(name) ? [] : [`${who}: ${name}`]))),
  );
}

const word = fc.constantFrom('email', 'address', 'city', 'a', 'b', 'a_b', 'amount', 'Email', '0', '', 'geo', 'lat');
const oddity = fc.constantFrom(
  ...['&', ';', '=', '[', ']', '[]', '%5B', '%5D', '%5b%5D', '+', '%20', ' ', '.', '%2E', '%00', '\0', '%3B', '%26'],
  ...[
    '%3D',
    '%',
    '%2',
    '%FF',
    '%C0%AE',
    '%25',
    '%2561',
    '?',
    '#',
    '\ufeff',
    '%EF%BB%BF',
    '\r\n',
    '%0A',
    '\t',
    'ａ',
    '<',
    '%3E',
  ],
  ...['_', '-', ':', '__proto__', '"', ',', '[city]', '[geo][lat]', '[][x]', '&amount=1', ';amount=1', '&email=2'],
);
const piece = fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: oddity });
/** Mostly sensible pairs, so that many are let through, with odd pieces anywhere. */
const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const sensible = fc.constantFrom(
  'email',
  'address[city]',
  'a',
  'a_b',
  'a[]',
  'a[0]',
  'a[b]',
  'address%5Bcity%5D',
  'address.city',
);
const pair = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: sensible }, name), fc.constantFrom('=', '', '=='), fc.oneof(word, name))
  .map((parts) => parts.join(''));
const form = fc
  .array(pair, { maxLength: 4 })
  .chain((pairs) =>
    fc
      .array(fc.constantFrom('&', '&', '&', '&&', ';', '& ', '&+'), { minLength: 4, maxLength: 4 })
      .map((separators) =>
        pairs.map((text, index) => text + (index < pairs.length - 1 ? separators[index] : '')).join(''),
      ),
  );
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), form);
const json = fc
  .dictionary(fc.oneof(sensible, name), fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.oneof(word, name), leaf)))
  .map((object) => JSON.stringify(object));
const formTypes = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=UTF-8',
  'Application/X-WWW-Form-Urlencoded',
);
const body = fc.oneof(
  fc.record({ type: formTypes, text: form }),
  fc.record({ type: fc.constant('application/json'), text: json }),
  fc.record({ type: fc.constantFrom(undefined, 'multipart/form-data; boundary=x', 'text/plain'), text: form }),
);
const encoding = fc.constantFrom(undefined, undefined, undefined, 'identity', 'gzip');
const requests = fc
  .record({ upstream: fc.constantFrom(...upstreams), body, query: fc.oneof(fc.constant(''), form), encoding })
  .map(({ upstream, body: { type, text }, query, encoding: compressed }): Request => {
    const headers = {
      ...(type !== undefined && { 'content-type': type }),
      ...(compressed !== undefined && { 'content-encoding': compressed }),
    };
    return { upstream, headers, body: Buffer.from(text), query };
  });

const runs = 20_000;

describe('a caller with restricted fields gets nothing through that any parser reads as an unlisted parameter', () => {
  it('whatever body, query and encoding they make up', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(await smuggled(request)).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('and the attempts are not all refused, or this would say nothing', async () => {
    const attempts = fc.sample(requests, { numRuns: 4_000, seed: 7 });
    const sent = await Promise.all(attempts.map(sentOf));
    const throughWithBody = sent.filter((outgoing) => (outgoing?.body?.length ?? 0) > 0);
    expect(throughWithBody.length).toBeGreaterThan(50);
  });

  const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };
  const found: [string, Partial<Request>][] = [
    ['a dotted name, which PHP joins with _', { headers: formHeaders, body: Buffer.from('address.city=x') }],
    ['the same in the query', { query: 'address.city=x' }],
    ['the same in JSON', { headers: { 'content-type': 'application/json' }, body: Buffer.from('{"address.city":1}') }],
    [
      'a name with a sign behind it, which only Twilio reads as a filter',
      { headers: formHeaders, body: Buffer.from('a%3E=x') },
    ],
    ['the same with its dot encoded', { headers: formHeaders, body: Buffer.from('address%2Ecity=x') }],
  ];
  it.each(found)('found by this test: %s', async (_what, given) => {
    const plain = { upstream: stripeUpstream, headers: {}, body: Buffer.from(''), query: '' };
    expect(await smuggled({ ...plain, ...given })).toEqual([]);
  });
});

describe('the parsers that this is measured by read as their originals do', () => {
  const readings: [string, string[][]][] = [
    [
      'a=1&b[c]=2',
      [
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
      ],
    ],
    ['a=1;amount=2', [['a'], ['a'], ['a', 'amount'], ['a']]],
    ['[amount]=1', [[''], ['amount'], ['amount'], []]],
    ['amount]=1', [['amount]'], ['amount'], ['amount'], ['amount]']]],
    ['a[b=1', [['a'], ['a'], ['a'], ['a_b']]],
    ['+amount.x=1', [[' amount.x'], [' amount.x'], [' amount.x'], ['amount_x']]],
    ['amount%00y=1', [['amount\0y'], ['amount\0y'], ['amount\0y'], ['amount']]],
    [
      'a=1& amount=2',
      [
        ['a', ' amount'],
        ['a', 'amount'],
        ['a', 'amount'],
        ['a', 'amount'],
      ],
    ],
    [
      'a=%FF&%61mount',
      [
        ['a', 'amount'],
        ['a', 'amount'],
        ['a', 'amount'],
        ['a', 'amount'],
      ],
    ],
  ];
  it.each(readings)('%s', (text, expected) => {
    expect(parsers.map(([, parse]) => parse(text))).toEqual(expected);
  });
});
