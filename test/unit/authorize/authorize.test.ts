import { describe, expect, it } from '@jest/globals';
import { actionBy, authorize, type Grant } from '../../../src/authorize/authorize.ts';
import type { Accountability, Permission } from '../../../src/directus/accountability.ts';
import type { Action, GoverningRule, Method, Rule } from '../../../src/upstreams/upstream.ts';
import { refusalOf } from '../refusal.ts';

const full: Permission = { access: 'full', fields: ['*'] };
const callerWith = (permissions: Partial<Record<Action, Permission>>, collection = 'customers'): Accountability => ({
  user: 'user-1',
  role: null,
  share: null,
  ip: '203.0.113.7',
  permissions: new Map([[collection, permissions]]),
});
const here = '/v1/customers';
const customers: GoverningRule = { path: here, collection: 'customers' };

describe('a caller needs the action that the method stands for, and no other suffices', () => {
  const actions: [Method, Action][] = [
    ['GET', 'read'],
    ['HEAD', 'read'],
    ['POST', 'create'],
    ['PUT', 'update'],
    ['PATCH', 'update'],
    ['DELETE', 'delete'],
  ];

  it.each(actions)('%s needs %s', (method, action) => {
    expect(actionBy(customers, method)).toBe(action);
    const granted = authorize(callerWith({ [action]: full }), customers, method, here);
    expect(granted).toEqual({
      rule: customers,
      collection: 'customers',
      action,
      path: new Map(),
      fields: 'all',
      presets: {},
      rows: 'all',
    });

    const others: Partial<Record<Action, Permission>> = { create: full, read: full, update: full, delete: full };
    delete others[action];
    const refusal = refusalOf(() => authorize(callerWith(others), customers, method, here));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', `no_permission:customers.${action}`]);
  });

  it('a rule of the administrator’s may name another action, such as update for a refund', () => {
    const refund: GoverningRule = { path: '/v1/refunds', collection: 'customers', action: 'update' };

    expect(authorize(callerWith({ update: full }), refund, 'POST', here)).toMatchObject({
      rule: refund,
      action: 'update',
    });
    expect(refusalOf(() => authorize(callerWith({ create: full }), refund, 'POST', here)).logReason).toBe(
      'no_permission:customers.update',
    );
  });
});

describe('a caller is let through with what the permission says of the action', () => {
  const carried: [string, Permission, Pick<Grant, 'fields' | 'presets'>][] = [
    ['all fields', full, { fields: 'all', presets: {} }],
    ['all fields beside some that are named', { access: 'full', fields: ['id', '*'] }, { fields: 'all', presets: {} }],
    ['presets that are empty', { ...full, presets: {} }, { fields: 'all', presets: {} }],
    ['presets that are null', { ...full, presets: null }, { fields: 'all', presets: {} }],
    ['named fields', { access: 'full', fields: ['id', 'email'] }, { fields: ['id', 'email'], presets: {} }],
    ['no field', { access: 'full', fields: [] }, { fields: [], presets: {} }],
    ['fields that Directus left out, which are none', { access: 'full' }, { fields: [], presets: {} }],
    [
      'fields named like the star, which are no star',
      { access: 'full', fields: ['**', ' *'] },
      { fields: ['**', ' *'], presets: {} },
    ],
    ['a preset', { ...full, presets: { name: 'x' } }, { fields: 'all', presets: { name: 'x' } }],
    ['a preset of nothing', { ...full, presets: { name: null } }, { fields: 'all', presets: { name: null } }],
  ];
  it.each(carried)('%s', (_what, permission, expected) => {
    const { fields, presets } = authorize(callerWith({ create: permission }), customers, 'POST', here);
    expect({ fields, presets }).toEqual(expected);
  });

  it('a deletion needs no fields, which Directus does not give for it', () => {
    const remove: Permission = { access: 'full' };
    expect(authorize(callerWith({ delete: remove }), customers, 'DELETE', here)).toMatchObject({
      fields: 'all',
      rows: 'all',
    });
  });

  const refused: [string, Permission, string][] = [
    ['no access', { access: 'none', fields: ['*'] }, 'no_permission:customers.create'],
    [
      'an item rule where the route is tied to no row',
      { access: 'partial', fields: ['*'] },
      'partial_access:customers.create',
    ],
  ];
  it.each(refused)('refused: %s', (_what, permission, logReason) => {
    const refusal = refusalOf(() => authorize(callerWith({ create: permission }), customers, 'POST', here));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', logReason]);
  });

  it('a deletion with an item rule is refused', () => {
    const refusal = refusalOf(() =>
      authorize(callerWith({ delete: { access: 'partial' } }), customers, 'DELETE', here),
    );
    expect(refusal.logReason).toBe('partial_access:customers.delete');
  });

  const row = { field: 'stripe_id', from: [{ path: 'customer_id' }] };
  const tied: GoverningRule = { ...customers, row };
  const rows: [string, Permission, Grant['rows']][] = [
    ['an item rule', { access: 'partial', fields: ['*'] }, { ...row, collection: 'customers' }],
    ['no item rule, so that no row is weighed', full, 'all'],
  ];
  it.each(rows)('where the route is tied to a row: %s', (_what, permission, expected) => {
    expect(authorize(callerWith({ read: permission }), tied, 'GET', here).rows).toEqual(expected);
    expect(authorize(callerWith({ delete: permission }), tied, 'DELETE', here).rows).toEqual(expected);
  });

  it('no access stays none where the route is tied to a row', () => {
    const refusal = refusalOf(() => authorize(callerWith({ read: { ...full, access: 'none' } }), tied, 'GET', here));
    expect(refusal.logReason).toBe('no_permission:customers.read');
  });
});

describe('a caller is refused in Directus’ words, and the reason stays in the log', () => {
  const rules: [string, Accountability, Rule | undefined, string][] = [
    ['no rule covers the path', callerWith({ read: full }), undefined, 'no_rule'],
    ['the rule denies', callerWith({ read: full }), { path: '/x', deny: 'secret:Keys' }, 'secret:Keys'],
    [
      'the permission is for another collection',
      callerWith({ read: full }, 'orders'),
      customers,
      'no_permission:customers.read',
    ],
    [
      'the collection is named in another case',
      callerWith({ read: full }, 'Customers'),
      customers,
      'no_permission:customers.read',
    ],
    [
      'there is no permission at all',
      { ...callerWith({}), permissions: new Map() },
      customers,
      'no_permission:customers.read',
    ],
    [
      'the collection is named like a member of every object',
      callerWith({ read: full }),
      { path: '/x', collection: 'constructor' },
      'no_permission:constructor.read',
    ],
  ];

  it.each(rules)('%s', (_why, caller, rule, logReason) => {
    const { code, status, message, extensions, ...rest } = refusalOf(() => authorize(caller, rule, 'GET', here));
    expect({ code, status, message, extensions }).toEqual({
      code: 'FORBIDDEN',
      status: 403,
      message: "You don't have permission to access this.",
      extensions: {},
    });
    expect(rest.logReason).toBe(logReason);
  });
});

describe('where the path names the collection', () => {
  const rule: GoverningRule = { path: '/v1/:resource/:id', collection: 'api_{resource}' };
  const bare: GoverningRule = { path: '/v1/:resource/:id', collection: '{resource}' };
  const everything = (...collections: string[]): Accountability => ({
    ...callerWith({}),
    permissions: new Map(collections.map((name) => [name, { create: full, read: full, update: full, delete: full }])),
  });

  it('its permission decides, and no other', () => {
    const granted = authorize(everything('api_orders'), rule, 'GET', '/v1/orders/o_1');
    expect([granted.collection, Object.fromEntries(granted.path)]).toEqual([
      'api_orders',
      { resource: 'orders', id: 'o_1' },
    ]);
    const refusal = refusalOf(() => authorize(everything('api_orders', 'orders'), rule, 'GET', '/v1/bills/b_1'));
    expect(refusal.logReason).toBe('no_permission:api_bills.read');
  });

  const odd: [string, GoverningRule, string][] = [
    ['a collection of Directus’ own', bare, '/v1/directus_users/1'],
    ['the same in another case', bare, '/v1/Directus_Users/1'],
    ['one that only the rule completes', { ...bare, collection: 'directus_{resource}' }, '/v1/users/1'],
    ['the same by two names', { path: '/:a/:b', collection: '{a}_{b}' }, '/directus/users'],
    ['a blank', bare, '/v1/a%20b/1'],
    ['letters beyond ASCII', bare, '/v1/k%C3%A4se/1'],
    ['a dot', bare, '/v1/a.b/1'],
    ['braces of its own, which are not filled in again', bare, '/v1/%7Bid%7D/1'],
    ['what is a pattern to replace()', bare, "/v1/$'/1"],
    ['another schema', bare, '/v1/public.orders/1'],
    ['more than a name can be', bare, `/v1/${'a'.repeat(256)}/1`],
  ];
  it.each(odd)('refused: %s', (_what, oddRule, path) => {
    const named = decodeURIComponent(path.split('/')[2] ?? '');
    const caller = everything(named, `directus_${named}`, named.toLowerCase(), 'directus_users', 'users');
    const refusal = refusalOf(() => authorize(caller, oddRule, 'GET', path));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', 'odd_collection']);
  });

  it('the rows of an item rule may be of a collection that it names too', () => {
    const row = { collection: '{resource}_rows', field: 'remote_id', from: [{ path: 'id' }] };
    const caller = { ...callerWith({ read: { access: 'partial', fields: ['*'] } }, 'api_orders') };
    const { rows } = authorize(caller, { ...rule, row }, 'GET', '/v1/orders/o_1');
    expect(rows).toEqual({ ...row, collection: 'orders_rows' });
    const own = authorize(
      caller,
      { ...rule, row: { field: 'remote_id', from: [{ path: 'id' }] } },
      'GET',
      '/v1/orders/1',
    );
    expect(own.rows).toMatchObject({ collection: 'api_orders' });
  });

  it('and those rows are never Directus’ own either', () => {
    const row = { collection: '{resource}', field: 'id', from: [{ path: 'id' }] };
    const caller = callerWith({ read: { access: 'partial', fields: ['*'] } }, 'api_directus_users');
    const refusal = refusalOf(() => authorize(caller, { ...rule, row }, 'GET', '/v1/directus_users/1'));
    expect(refusal.logReason).toBe('odd_collection');
  });
});
