import { describe, expect, it } from '@jest/globals';
import type { Permission, Permissions } from '../../../src/directus/accountability.ts';
import { createDescribeApi } from '../../../src/specs/describe-api.ts';
import type { PathItem } from '../../../src/specs/open-api.ts';
import { methods, type Upstream } from '../../../src/upstreams/upstream.ts';
import { stripeUpstream, switchedOn, twilioUpstream, upstreamOf } from '../settings.ts';
import { callerWith, describedFor, lower, operationsIn, waysOf } from './describing.ts';

const full: Permission = { access: 'full', fields: ['*'] };
const everything: Permissions = { get: () => ({ create: full, read: full, update: full, delete: full }) };
const on = (collection: string, permission: object): Permissions => new Map([[collection, permission]]);

const api = (rules: string, more = ''): Upstream =>
  upstreamOf(
    'api',
    `{ upstreams: { api: { origin: "https://api.example", credential: { bearer: "\${KEY}" }, ${more} rules: [${rules}] } } }`,
    {
      KEY: 'canary',
    },
  );

/** The body of an operation, as all its types have it. */
function bodyOf(document: ReturnType<typeof describedFor>, path: string, method: 'post' | 'put' | 'patch' = 'post') {
  const reference = document.paths[path]?.[method]?.requestBody?.$ref;
  const bodies = new Map(Object.entries(Object(document.components.requestBodies)));
  return Object(bodies.get(String(reference).split('/').at(-1) ?? '')).content;
}
const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const methodsOf = (item: PathItem | undefined) => methods.map(lower).filter((name) => item?.[name] !== undefined);

describe('a caller reads which paths there are', () => {
  it.each([
    ['/x', ['/api/x'], []],
    ['/x/:id/y', ['/api/x/{id}/y'], ['id']],
    ['/x/*', ['/api/x/{path}'], ['path']],
    ['/x.*', ['/api/x', '/api/x.{extension}'], []],
    ['/:id/:id', ['/api/{id}/{id_2}'], ['id', 'id_2']],
    ['/x/', ['/api/x/'], []],
  ])('%s', (pattern, paths, parameters) => {
    const document = describedFor([api(`{ methods: [GET], path: ${pattern}, collection: c }`)], everything);
    expect(Object.keys(document.paths)).toEqual(paths);
    const [first] = Object.values(document.paths);
    expect(first?.parameters?.map(({ name }) => name)).toEqual(parameters);
  });

  it('and methods: those of the rule, whose actions are granted', () => {
    const of = api('{ path: /x, collection: c }, { methods: [POST], path: /y, collection: c, action: update }');
    const { paths } = describedFor([of], on('c', { read: full, update: full }));
    expect(methodsOf(paths['/api/x'])).toEqual(['get', 'head', 'put', 'patch']);
    expect(paths['/api/y']?.post).toMatchObject({ 'x-directus-collection': 'c', 'x-directus-action': 'update' });
  });

  describe('of all that the API is said to have', () => {
    const resources =
      'resources: [{ methods: [GET, POST], path: "/x/:id" }, { methods: [GET], path: [/x/search, "/x/:id/y", "/x/:id/z.json"] }, { methods: [POST], path: /y }],';
    const all = { c: { create: full, read: full, update: full, delete: full } };
    it.each([
      [
        '{ path: "/x/*", collection: c }',
        ['GET /x/search', 'GET /x/{id}', 'POST /x/{id}', 'GET /x/{id}/y', 'GET /x/{id}/z.json'],
      ],
      ['{ path: "/x/:key", collection: c }', ['GET /x/search', 'GET /x/{key}', 'POST /x/{key}']],
      ['{ path: /x/search, collection: c }', ['GET /x/search']],
      ['{ path: /x/of_mine, collection: c }', ['GET /x/of_mine', 'POST /x/of_mine']],
      ['{ path: "/x/:id/z.*", collection: c }', ['GET /x/{id}/z.json']],
      ['{ methods: [GET, PUT], path: "/x/:id", collection: c }', ['GET /x/search', 'GET /x/{id}']],
      ['{ methods: [PUT], path: /y, collection: c }', []],
      ['{ path: /x/search, deny: off }, { path: "/x/:id", collection: c }', ['GET /x/{id}', 'POST /x/{id}']],
      ['{ methods: [PUT], path: /new, collection: c }', ['PUT /new']],
      ['{ methods: [PUT], path: "/new/*", collection: c }', ['PUT /new/{path}']],
    ])('%s', (rules, told) => {
      const document = describedFor([api(rules, resources)], new Map(Object.entries(all)));
      const described = operationsIn(document).map(({ method, path }) => `${method} ${path.slice('/api'.length)}`);
      expect(described.toSorted()).toEqual(told.toSorted());
    });

    it('each at the collection that its path names', () => {
      const of = api('{ path: "/:kind/*", collection: "api_{kind}" }', resources);
      const permissions = new Map([
        ['api_x', { create: full }],
        ['api_y', { read: full }],
      ]);
      expect(describedFor([of], permissions).paths).toEqual({
        '/api/x/{id}': {
          parameters: [expect.objectContaining({ name: 'id' })],
          post: expect.objectContaining({ operationId: 'post_api_x_by_id', 'x-directus-collection': 'api_x' }),
          'x-gateway-methods': { read: ['GET'], create: ['POST'] },
        },
      });
    });
  });

  it('and, beside the methods that are theirs, those that are not', () => {
    const of = api(
      '{ methods: [GET, HEAD, DELETE], path: /x, collection: c }, { methods: [POST], path: /x, collection: d, action: update }',
    );
    expect(describedFor([of], on('c', { read: full })).paths['/api/x']).toMatchObject({
      'x-gateway-methods': { read: ['GET', 'HEAD'], delete: ['DELETE'], update: ['POST'] },
    });
  });

  it('without those that an earlier rule refuses', () => {
    const of = api('{ methods: [DELETE], path: "/x/*", deny: off }, { path: "/x/:id", collection: c }');
    expect(methodsOf(describedFor([of], everything).paths['/api/x/{id}'])).toEqual([
      'get',
      'head',
      'post',
      'put',
      'patch',
    ]);
  });

  it('beneath a rule that decides about the first level by another', () => {
    const of = api('{ path: "/x/:id", deny: off }, { methods: [GET], path: "/x/*", collection: c }');
    expect(Object.keys(describedFor([of], everything).paths)).toEqual(['/api/x/{segment}/{path}']);
  });

  it('once, where two rules name its parameter in two ways', () => {
    const of = api(
      '{ methods: [GET], path: "/x/:id", collection: c }, { methods: [POST], path: "/x/:key", collection: d }',
    );
    const both = Object.keys(describedFor([of], everything).paths);
    expect([both, Object.keys(describedFor([of], on('d', { create: full })).paths)]).toEqual([both, ['/api/x/{id}']]);
  });

  it('for each of their collections, where the path names it', () => {
    const of = api('{ methods: [GET], path: "/v1/:kind/:id", collection: "api_{kind}" }');
    const permissions = new Map([
      ['api_books', { read: full }],
      ['api_cars', { create: full }],
      ['directus_users', { read: full }],
    ]);
    expect(Object.keys(describedFor([of], permissions).paths)).toEqual(['/api/v1/books/{id}']);
    expect(Object.keys(describedFor([of], everything).paths)).toEqual(['/api/v1/{kind}/{id}']);
  });
});

describe('a caller reads what a body may bear', () => {
  it.each([
    ['as-is', ['*/*']],
    ['json', [json]],
    ['form-nested', [json, form]],
    ['form-flat', [json, form]],
  ])('in the types that are taken: %s', (bodyForm, types) => {
    const of = api('{ path: /x, collection: c }', `body: ${bodyForm},`);
    expect(Object.keys(bodyOf(describedFor([of], everything), '/api/x'))).toEqual(types);
    const limited = describedFor([of], on('c', { create: { access: 'full', fields: ['a'] } }));
    expect(Object.keys(bodyOf(limited, '/api/x'))).toEqual(bodyForm === 'json' ? [json] : [json, form]);
  });

  it('the permission’s fields, nested where they are dotted, with presets as defaults', () => {
    const create = { access: 'full', fields: ['a', 'b.c', 'd.*'], presets: { a: 1, b: { c: 2, z: 3 }, forced: 4 } };
    const document = describedFor([api('{ path: /x, collection: c }')], on('c', { create }));
    expect(bodyOf(document, '/api/x')[json].schema).toEqual({
      type: 'object',
      properties: {
        a: { default: 1 },
        b: { type: 'object', properties: { c: { default: 2 } }, additionalProperties: false },
        d: { type: ['object', 'array'] },
      },
      additionalProperties: false,
    });
    expect(document.paths['/api/x']?.post?.description).toContain('Set for you: b.z, forced.');
  });

  it('anything, where every field is listed', () => {
    const create = { access: 'full', fields: ['*'], presets: { a: 1 } };
    expect(
      bodyOf(describedFor([api('{ path: /x, collection: c }')], on('c', { create })), '/api/x')[json].schema,
    ).toEqual({
      type: 'object',
      properties: { a: { default: 1 } },
    });
  });

  it('the values that a rule holds parameters to, and none that nobody may send', () => {
    const rules =
      '{ path: /x, collection: c, allowValues: { From: ["1", "2"], Other: [] }, forbidParameters: [url], destinations: { parameter: To, prefixes: ["+49"] } }';
    const fields = ['From', 'To', 'Url', 'Other', 'Body'];
    const document = describedFor([api(rules)], on('c', { create: { access: 'full', fields } }));
    const { properties } = bodyOf(document, '/api/x')[json].schema;
    expect(Object.keys(properties)).toEqual(['From', 'To', 'Body']);
    expect(properties.From).toEqual({ type: 'string', enum: ['1', '2'] });
    const pattern = new RegExp(properties.To.pattern);
    expect(
      ['+4915112345678', '+4915112345678, +49301234567', '+4915112345678,+33123456789', '+33123456789'].map((to) =>
        pattern.test(to),
      ),
    ).toEqual([true, true, false, false]);
    expect(document.paths['/api/x']?.post?.description).toContain('May not be sent: url, Other.');
  });

  it('for a customer no more than the route takes, and nothing where no email may be sent', () => {
    const creator = (fields: string[]) =>
      describedFor([stripeUpstream], on('customers', { create: { access: 'full', fields } }));
    expect(bodyOf(creator(['email']), '/stripe/customers')[json].schema).toMatchObject({
      properties: { email: { type: 'string' } },
      required: ['email'],
      additionalProperties: false,
    });
    expect(creator(['name']).paths['/stripe/customers']).toBeUndefined();
  });

  it('never what is filled in without being asked for', () => {
    const secret = upstreamOf('twilio', undefined, { ...switchedOn, TWILIO_PHONE_NUMBER: '+15559998888' });
    const of = {
      ...secret,
      rules: secret.rules.map((rule) => ('deny' in rule ? rule : { ...rule, allowedValues: undefined })),
    };
    const text = JSON.stringify(describedFor([of], everything));
    expect(text).toContain('Filled in where left out: From.');
    expect(text).not.toContain('+15559998888');
    expect(text).not.toContain('canary');
  });
});

it('a caller is told that an item rule holds', () => {
  const of = upstreamOf('stripe', undefined, { ...switchedOn, STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });
  const { paths } = describedFor([of], on('customers', { read: { access: 'partial', fields: ['*'] } }));
  expect(paths['/stripe/payments']?.get?.description).toMatch(/^Limited to what belongs to rows of "customers"/);
  expect(paths['/stripe/v1/payment_intents']?.get?.description).toContain('"stripe_id" in the query (customer)');
  expect(paths['/stripe/v1/customers']).toBeUndefined();
});

it('a caller without a token sees only what is public', () => {
  const of = api('{ path: /open, collection: c, public: true }, { path: /closed, collection: c }');
  const ask = createDescribeApi(waysOf([of]), 'session');
  const document = ask({ accountability: callerWith(on('c', { read: full })), isKnown: false, address: 'http://x' });
  expect([Object.keys(document.paths), document.security]).toEqual([['/api/open'], []]);
});

it('everything there is fits into a megabyte, and takes no longer than reading and writing it a few times', () => {
  const ask = createDescribeApi(waysOf([stripeUpstream, twilioUpstream]), 'session');
  const describeAll = () => ask({ accountability: callerWith(everything), isKnown: true, address: 'http://x' });
  const text = JSON.stringify(describeAll());
  expect(text.length).toBeLessThan(1_000_000);
  const spent = (work: () => unknown) => {
    const before = process.cpuUsage();
    for (let count = 0; count < 5; count += 1) work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  describeAll();
  const ratio = spent(describeAll) / spent(() => JSON.stringify(JSON.parse(text)));
  expect(ratio).toBeLessThan(12);
});
