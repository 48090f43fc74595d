import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json } from '../world/answers.ts';
import { stripeList } from '../world/stripe-list.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages`;

const token = 'canaryTokenFieldsOfAnswers';
const read = { access: 'full', fields: ['id', 'email', 'address.city', 'default_source', 'body', 'metadata.a.b'] };
const create = { access: 'full', fields: ['email'] };
const update = { access: 'full', fields: ['name'] };
const permissions = { customers: { read, create, update }, messages: { read } };
world.directus.users.set(token, { id: 'user-fields', permissions });
const get = (path: string) => caller.get(path).set(as(token));

const secret = 'hidden-from-this-caller';
const customer = {
  id: 'cus_1',
  object: 'customer',
  email: 'a@b.c',
  name: secret,
  address: { city: 'Ulm', line1: secret },
  metadata: { a: { b: 1, c: secret }, d: secret },
  default_source: { id: 'card_1', last4: '4242' },
};
const cut = {
  id: 'cus_1',
  object: 'customer',
  email: 'a@b.c',
  address: { city: 'Ulm' },
  metadata: { a: { b: 1 } },
  default_source: { id: 'card_1', last4: '4242' },
};
const answerWith = (body: unknown, status = 200) =>
  world.stripe.answerWith((_request, response) => json(response, status, body));

describe('a caller whose permission lists fields sees those, id and object', () => {
  const answers: [string, string, unknown, unknown][] = [
    ['a single object', `${customers}/cus_1`, customer, cut],
    [
      'a list, with its page members',
      customers,
      {
        object: 'list',
        url: '/v1/customers',
        has_more: true,
        total_count: 9,
        data: [customer, customer],
        name: secret,
      },
      { object: 'list', url: '/v1/customers', has_more: true, total_count: 9, data: [cut, cut] },
    ],
    [
      'a search result',
      `${customers}/search?limit=3`,
      { object: 'search_result', url: '/v1/x', has_more: false, next_page: 'p', data: [customer], name: secret },
      { object: 'search_result', url: '/v1/x', has_more: false, next_page: 'p', data: [cut] },
    ],
    ['a bare array', customers, [customer], [cut]],
    [
      'an array within what is listed',
      `${customers}/cus_1`,
      { address: [{ city: 'a', x: secret }] },
      { address: [{ city: 'a' }] },
    ],
    [
      'an object that only looks like a list',
      customers,
      { object: 'lists', data: [customer], email: 'e' },
      { object: 'lists', email: 'e' },
    ],
    [
      'an object with inherited names',
      customers,
      JSON.parse('{"__proto__":{"email":"x"},"email":"a"}'),
      { email: 'a' },
    ],
  ];

  it.each(answers)('%s', async (_what, path, body, expected) => {
    answerWith(body);
    const answer = await get(path);

    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, expected]);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(world.gateway.wire.sent()).not.toContain(secret);
  });

  it('in the answer to a write, by the fields of that write', async () => {
    answerWith(customer);
    const answer = await caller.put(`${customers}/cus_1`).set(as(token)).type('form').send('name=a');

    expect(answer.body).toEqual({ id: 'cus_1', object: 'customer', name: secret });
  });

  it('on a page of Twilio’s, whatever its items are called', async () => {
    const page = { page: 0, page_size: 50, start: 0, end: 0, uri: '/u', next_page_uri: null };
    const message = { sid: 'SM1', body: 'hello', to: secret };
    world.twilio.answerWith((_request, response) =>
      json(response, 200, { ...page, messages: [message], extra: secret }),
    );

    expect((await get(`${messages}.json?PageSize=50`)).body).toEqual({ ...page, messages: [{ body: 'hello' }] });
    expect(world.twilio.seen).toHaveLength(1);
  });

  it('in Twilio’s single objects', async () => {
    world.twilio.answerWith((_request, response) => json(response, 200, { sid: 'SM1', body: 'hello', to: secret }));

    expect((await get(`${messages}/SM1.json`)).body).toEqual({ body: 'hello' });
  });

  it.each([['/stripe/customers'], ['/stripe/payments'], ['/stripe/payments/cus_1']])('in %s', async (path) => {
    world.stripe.answerWith(stripeList(Array.from({ length: 101 }, (_, index) => ({ ...customer, id: `x_${index}` }))));
    const answer = await get(path);

    expect([answer.body.length, world.stripe.seen.length]).toEqual([101, 2]);
    expect(answer.body[100]).toEqual({ ...cut, id: 'x_100' });
    expect(answer.text).not.toContain(secret);
  });

  it('in the customer that POST /stripe/customers makes', async () => {
    answerWith(customer);

    expect((await caller.post('/stripe/customers').set(as(token)).send({ email: 'a@b.c' })).body).toEqual({
      id: 'cus_1',
      object: 'customer',
      email: 'a@b.c',
    });
  });

  it.each([402, 404, 500])('in an error answer with status %i, which may bear the whole object', async (status) => {
    const error = {
      type: 'card_error',
      code: 'c',
      message: 'm',
      param: 'p',
      payment_intent: customer,
      source: customer,
    };
    answerWith({ error, customer }, status);
    const answer = await get(customers);

    expect([answer.status, answer.body]).toEqual([
      status,
      { error: { type: 'card_error', code: 'c', message: 'm', param: 'p' } },
    ]);
  });
});

describe('an answer without a body reaches a caller whose permission lists fields: there is nothing to cut', () => {
  const json = { 'Content-Type': 'application/json' };
  const at = '/v1/customers/cus_9';
  const answers: [string, number, Record<string, string>][] = [
    ['what was created', 201, { Location: at }],
    ['what was created, by its whole address', 201, { Location: `${world.stripe.origin}${at}` }],
    ['what will be done', 202, { ...json, 'Content-Length': '0', Location: at }],
    ['a page elsewhere', 302, { 'Content-Type': 'text/html', Location: at }],
    ['chunks of nothing', 200, { ...json, 'Transfer-Encoding': 'chunked', Location: at }],
    ['nothing that was compressed', 200, { ...json, 'Content-Encoding': 'gzip', 'Content-Length': '0', Location: at }],
    ['an error', 409, { Location: at }],
  ];
  it.each(answers)('%s (%i)', async (_what, status, headers) => {
    world.stripe.answerWith((_request, response) =>
      response.writeHead(status, { ...headers, Link: `<${at}>; rel="next"` }).end(),
    );
    const answer = await caller.post(customers).set(as(token)).type('form').send('email=a');

    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([status, '', '0']);
    expect([answer.headers.location, answer.headers.link]).toEqual([`${world.gateway.url}/stripe${at}`, undefined]);
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(world.stripe.seen).toHaveLength(1);
  });

  it.each(['Location', 'Content-Location'])(
    'but no %s that leads past the gateway, where nothing is cut',
    async (name) => {
      for (const address of ['https://files.test/signed', '//files.test/signed', '/../../files', '..\\..\\files']) {
        world.stripe.answerWith((_request, response) => response.writeHead(307, { [name]: address }).end());
        const answer = await get(`${customers}/cus_1`);
        expect([address, answer.status, answer.headers[name.toLowerCase()]]).toEqual([address, 307, undefined]);
      }
    },
  );
});

describe('a caller reads by what is listed only: anything else is refused and the upstream sees nothing', () => {
  it.each([
    ['?limit=3&starting_after=cus_0', 200, 'pages tell nothing'],
    ['?email=a', 200, 'a filter by a listed field'],
    ['?expand[]=address', 200, 'expands what is listed in part, to be cut to that part'],
    ['?expand[]=data.address', 200, 'expands it in a list'],
    ['?expand[]=default_source', 403, 'of which the id is listed, not the object'],
    ['?expand[]=data.default_source', 403, 'of which the id is listed, in a list'],
    ['?expand[]=data.default_source.owner', 403, 'is below an id'],
    ['?expand[]=data.address.owner', 403, 'is below what is listed, and not itself'],
    ['?name=a', 403, 'a filter tells what it filters by'],
    ['?created[gt]=1', 403, 'a filter tells what it filters by'],
    ['?limit[a]=1', 403, 'is no page parameter'],
    ['?expand[]=data.invoice', 403, 'is not listed'],
    ['?expand[]=data', 403, 'names everything'],
    ['?expand=invoice', 403, 'is not listed'],
    ['?expand[]=default_source&expand[]=invoice', 403, 'one of them is not listed'],
    ['?query=name%3A%22a%22', 403, 'a search tells what it searches by'],
  ])('%s %i: %s', async (query, status) => {
    expect((await get(customers + query)).status).toBe(status);
    expect(world.stripe.seen.map(({ target }) => target)).toEqual(status === 200 ? [`/v1/customers${query}`] : []);
  });
});

describe('an answer that is cut comes whole and as text', () => {
  it('so the upstream is asked neither for a part, nor for a change, nor for compression', async () => {
    const asking = {
      Range: 'bytes=0-5',
      'If-Range': '"a"',
      'If-None-Match': '"a"',
      'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT',
      'Accept-Encoding': 'gzip, br',
    };
    await get(customers).set(asking);
    const { headers } = world.stripe.seen[0] ?? {};

    expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
    for (const name of Object.keys(asking).slice(0, 4)) expect(headers).not.toHaveProperty(name.toLowerCase());
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('and %s is unpacked when it comes all the same', async (encoding, compress) => {
    world.stripe.answerWith((_request, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': encoding, ETag: '"whole"' })
        .end(compress(JSON.stringify(customer))),
    );
    const answer = await get(customers);

    expect(answer.body).toEqual(cut);
    expect([answer.headers['content-encoding'], answer.headers.etag]).toEqual([undefined, undefined]);
  });

  it('HEAD gets the head without the length of what it may not see', async () => {
    world.stripe.answerWith((_request, response) =>
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 12_345, ETag: '"x"' }).end(),
    );
    const answer = await caller.head(customers).set(as(token));

    expect([answer.status, answer.headers['content-length'], answer.headers.etag]).toEqual([200, undefined, undefined]);
  });
});
