import { describe, expect, it } from '@jest/globals';
import { cutter } from '../../../src/answer/cut.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const customer = {
  id: 'cus_1',
  object: 'customer',
  email: 'a@b.c',
  name: 'canary',
  address: { city: 'Ulm', line1: 'canary', geo: { lat: 1, lng: 2 } },
  metadata: { id: 'm', tier: 'gold', note: 'canary' },
};
const seen = (fields: readonly string[], value: unknown, upstream = stripeUpstream) =>
  JSON.parse(JSON.stringify(cutter(fields, upstream).answer(value)) ?? 'null');

describe('a caller sees of a single object', () => {
  const cuts: [string, string[], unknown, unknown][] = [
    ['what it is, where nothing is listed', [], customer, { id: 'cus_1', object: 'customer' }],
    ['a listed member', ['email'], customer, { id: 'cus_1', object: 'customer', email: 'a@b.c' }],
    [
      'the whole of a listed object',
      ['address'],
      customer,
      { id: 'cus_1', object: 'customer', address: customer.address },
    ],
    [
      'what is listed below an object by a dotted path',
      ['address.city'],
      customer,
      { id: 'cus_1', object: 'customer', address: { city: 'Ulm' } },
    ],
    [
      'what is listed two levels below',
      ['address.geo.lat'],
      customer,
      { id: 'cus_1', object: 'customer', address: { geo: { lat: 1 } } },
    ],
    [
      'the id of an object of which something is listed',
      ['metadata.tier'],
      customer,
      { id: 'cus_1', object: 'customer', metadata: { id: 'm', tier: 'gold' } },
    ],
    ['nothing of a member in another case', ['Email', 'NAME'], customer, { id: 'cus_1', object: 'customer' }],
    ['nothing of a member that only begins alike', ['emai', 'name_2'], customer, { id: 'cus_1', object: 'customer' }],
    ['nothing of a member that has become plain', ['address.city'], { address: 'canary' }, {}],
    ['nothing of a member that is null', ['address.city'], { id: 'x', address: null }, { id: 'x' }],
    ['null where the member itself is listed', ['address'], { address: null }, { address: null }],
    ['nothing of a member named with a dot', ['email'], { 'email.x': 'canary' }, {}],
    ['nothing below a name that every object has', [], JSON.parse('{"__proto__":{"name":"canary"}}'), {}],
  ];
  it.each(cuts)('%s', (_what, fields, value, expected) => {
    expect(seen(fields, value)).toEqual(expected);
  });

  const objects: [string, string[], unknown, unknown][] = [
    ['an id that is an object', [], { id: { secret: 'canary' }, email: 'x' }, {}],
    ['the object of an event', ['data.kind'], { data: { kind: 'k', object: customer } }, { data: { kind: 'k' } }],
    ['a list under the name', [], { id: 'x', object: [customer] }, { id: 'x' }],
  ];
  it.each(objects)('what it is only as plain text: not %s', (_what, fields, value, expected) => {
    expect(JSON.stringify(seen(fields, value))).not.toContain('canary');
    expect(seen(fields, value)).toMatchObject(Object(expected));
  });
});

describe('a caller sees of every item of a list what they see of a single object', () => {
  const page = { object: 'list', url: '/v1/customers', has_more: true, canary: 1, data: [customer, customer] };
  const cut = { id: 'cus_1', object: 'customer', email: 'a@b.c' };
  const twilioItem = { sid: 'SM1', body: 'canary', to: '+1' };
  const twilioPage = { page: 0, page_size: 50, uri: '/x', next_page_uri: null, canary: 1, messages: [twilioItem] };
  const { canary: _stripe, ...plainPage } = page;
  const { canary: _twilio, ...plainTwilioPage } = twilioPage;

  const lists: [string, string[], unknown, unknown, typeof stripeUpstream][] = [
    ['a list of Stripe’s', ['email'], page, { ...plainPage, data: [cut, cut] }, stripeUpstream],
    [
      'a search result',
      ['email'],
      { object: 'search_result', next_page: 'p', total_count: 1, data: [customer] },
      { object: 'search_result', next_page: 'p', total_count: 1, data: [cut] },
      stripeUpstream,
    ],
    ['an empty list', ['email'], { object: 'list', data: [] }, { object: 'list', data: [] }, stripeUpstream],
    [
      'a list whose items are listed by name, which are no field',
      ['data'],
      { object: 'list', data: [customer] },
      { object: 'list', data: [{ id: 'cus_1', object: 'customer' }] },
      stripeUpstream,
    ],
    ['arrays beside the items', [], { object: 'list', more: [customer] }, { object: 'list' }, stripeUpstream],
    ['a page of Twilio’s', ['to'], twilioPage, { ...plainTwilioPage, messages: [{ to: '+1' }] }, twilioUpstream],
    [
      'a page of Twilio’s newer form',
      ['to'],
      { meta: { key: 'messages' }, messages: [twilioItem] },
      { meta: { key: 'messages' }, messages: [{ to: '+1' }] },
      twilioUpstream,
    ],
    ['a single object of Twilio’s', ['to'], twilioItem, { to: '+1' }, twilioUpstream],
  ];
  it.each(lists)('%s', (_what, fields, value, expected, upstream) => {
    expect(seen(fields, value, upstream)).toEqual(expected);
  });

  const single: [string, unknown][] = [
    ['of another kind', { object: 'customer', data: [customer] }],
    ['of a list', { object: ['list'], data: [customer] }],
    ['in another case', { object: 'List', data: [customer] }],
  ];
  it.each(single)('an object that only looks like a list is cut as one object: its mark is that %s', (_what, value) => {
    expect(seen(['email'], value)).not.toHaveProperty('data');
  });
});

describe('arrays in an object are cut entry by entry', () => {
  const cuts: [string, string[], unknown, unknown][] = [
    ['objects in an array', ['a.b'], { a: [{ b: 1, c: 2 }, { c: 3 }] }, { a: [{ b: 1 }, {}] }],
    ['arrays in an array', ['a.b'], { a: [[{ b: 1, c: 2 }]] }, { a: [[{ b: 1 }]] }],
    ['plain entries where something below is listed', ['a.b'], { a: ['canary', 1] }, { a: [null, null] }],
    ['plain entries of a listed array', ['a'], { a: ['x', 1] }, { a: ['x', 1] }],
    [
      'a list inside an object',
      ['cards.data.last4'],
      { cards: { object: 'list', url: 'canary', data: [{ id: 'c', last4: '4242', exp: 1 }] } },
      { cards: { object: 'list', data: [{ id: 'c', last4: '4242' }] } },
    ],
  ];
  it.each(cuts)('%s', (_what, fields, value, expected) => {
    expect(seen(fields, value)).toEqual(expected);
  });
});

it.each(['canary', 1, true, null])('of an answer that is no object a caller sees nothing: %j', (value) => {
  expect(seen(['email'], value)).toBeNull();
  expect(cutter(['email'], stripeUpstream).item(value)).toBeUndefined();
});

describe('a caller sees of an error what happened, and not the object that it is about', () => {
  it('of Stripe’s', () => {
    const error = { type: 'card_error', code: 'card_declined', message: 'declined', payment_intent: customer };
    const { payment_intent: _canary, ...rest } = error;
    expect(cutter([], stripeUpstream).error({ error, canary: 1 })).toEqual({ error: rest });
  });

  it('of Twilio’s', () => {
    const error = { code: 20404, message: 'not found', more_info: 'https://x', status: 404 };
    expect(cutter([], twilioUpstream).error({ ...error, details: customer })).toEqual(error);
  });

  it('whatever fields are listed', () => {
    expect(cutter(['name'], stripeUpstream).error({ name: 'canary' })).toEqual({});
  });
});
