import { describe, expect, it } from '@jest/globals';
import type { Permission } from '../../../src/directus/accountability.ts';
import { readDocument } from '../../../src/page/document.ts';
import { type Cell, matrixOf, type Refused, search } from '../../../src/page/matrix.ts';
import { stripeUpstream, switchedOn, upstreamOf } from '../settings.ts';
import { describedFor } from '../specs/describing.ts';

const full: Permission = { access: 'full', fields: ['*'] };
const api = (rules: string) =>
  upstreamOf(
    'api',
    `{ upstreams: { api: { origin: "https://api.example", credential: { bearer: "\${KEY}" }, rules: [${rules}] } } }`,
    { KEY: 'canary' },
  );
const matrixFor = (...asked: Parameters<typeof describedFor>) =>
  matrixOf(readDocument(JSON.parse(JSON.stringify(describedFor(...asked)))));

const cell = (more: Partial<Cell>): Cell => ({
  methods: ['GET', 'HEAD'],
  collection: 'c',
  fields: 'all',
  isLimitedToRows: false,
  ...more,
});
const refused = (...methods: string[]): Refused => ({ refused: true, methods });

describe('a caller sees for each path what each action may', () => {
  const x = api('{ path: /x, collection: c }');

  it('where every field is theirs', () => {
    expect(matrixFor([x], new Map([['c', { read: full, update: full }]]))).toEqual([
      {
        upstream: 'api',
        rows: [
          {
            path: '/api/x',
            collections: ['c'],
            cells: {
              read: cell({}),
              create: refused('POST'),
              update: cell({ methods: ['PUT', 'PATCH'] }),
              delete: refused('DELETE'),
            },
          },
        ],
      },
    ]);
  });

  it('where some fields are', () => {
    const [group] = matrixFor([x], new Map([['c', { create: { access: 'full', fields: ['a', 'b.c'] } }]]));

    expect(group?.rows[0]?.cells.create).toEqual(cell({ methods: ['POST'], fields: ['a', 'b.c'] }));
  });

  it('where some rows are', () => {
    const stripe = upstreamOf('stripe', undefined, { ...switchedOn, STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' });
    const partial: Permission = { access: 'partial', fields: ['*'] };
    const [group] = matrixFor([stripe], new Map([['customers', { read: partial }]]));
    const payments = group?.rows.find(({ path }) => path === '/stripe/payments');

    expect(payments?.cells).toEqual({ read: cell({ collection: 'customers', isLimitedToRows: true }) });
  });

  it('by the action of the rule, whatever the method', () => {
    const of = api('{ methods: [POST], path: /refunds, collection: c, action: update }');
    const [group] = matrixFor([of], new Map([['c', { update: full }]]));

    expect(group?.rows[0]?.cells).toEqual({ update: cell({ methods: ['POST'] }) });
  });

  it('and, where it is refused, by which method it would be asked for', () => {
    const of = api(
      '{ methods: [GET], path: /refunds, collection: c }, { methods: [POST], path: /refunds, collection: c, action: update }',
    );
    const [group] = matrixFor([of], new Map([['c', { read: full }]]));

    expect(group?.rows[0]?.cells).toEqual({ read: cell({ methods: ['GET'] }), update: refused('POST') });
  });

  it('and nothing of an action for which the API has no method there, whatever they are granted', () => {
    const actionsOf = (permission: object) => {
      const [group] = matrixFor([stripeUpstream], new Map([['customers', permission]]));
      const wanted = ['/stripe/v1/customers', '/stripe/v1/customers/search', '/stripe/v1/customers/{customer_id}'];
      return wanted.map((path) => Object.keys(group?.rows.find((row) => row.path === path)?.cells ?? {}).toSorted());
    };
    const there = [['create', 'read'], ['read'], ['create', 'delete', 'read']];

    expect(actionsOf({ create: full, read: full, update: full, delete: full })).toEqual(there);
    expect(actionsOf({ read: full })).toEqual(there);
  });

  it('once, where a path has an extension and none', () => {
    const of = api('{ path: "/m.*", collection: c }, { path: "/n.*/*", collection: c }, { path: /n, collection: c }');
    const [group] = matrixFor([of], new Map([['c', { read: full }]]));

    expect(group?.rows.map(({ path }) => path)).toEqual(['/api/m', '/api/n/{path}', '/api/n']);
  });

  it('nothing, where nothing is granted', () => {
    expect(matrixFor([x], new Map())).toEqual([]);
  });
});

describe('a caller searches', () => {
  const of = api('{ path: /orders/:id, collection: shop }, { path: /people, collection: staff }');
  const matrix = matrixFor([of], new Map(['shop', 'staff'].map((name) => [name, { read: full }])));
  const found = (text: string) => search(matrix, text).flatMap(({ rows }) => rows.map(({ path }) => path));

  it.each([
    ['', ['/api/orders/{id}', '/api/people']],
    ['ORDERS', ['/api/orders/{id}']],
    ['staff', ['/api/people']],
    ['api  shop', ['/api/orders/{id}']],
    ['orders staff', []],
  ])('for "%s"', (text, paths) => {
    expect(found(text)).toEqual(paths);
  });
});

it('what is no document is not taken for one that allows nothing', () => {
  for (const body of [undefined, null, [], 'x', {}, { paths: [] }]) expect(() => readDocument(body)).toThrow();
});
