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
const customers: GoverningRule = { path: '/v1/customers', collection: 'customers' };

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
    const granted = authorize(callerWith({ [action]: full }), customers, method);
    expect(granted).toEqual({ rule: customers, action, fields: 'all', presets: {}, rows: 'all' });

    const others: Partial<Record<Action, Permission>> = { create: full, read: full, update: full, delete: full };
    delete others[action];
    const refusal = refusalOf(() => authorize(callerWith(others), customers, method));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', `no_permission:customers.${action}`]);
  });

  it('a rule of the administrator’s may name another action, such as update for a refund', () => {
    const refund: GoverningRule = { path: '/v1/refunds', collection: 'customers', action: 'update' };

    expect(authorize(callerWith({ update: full }), refund, 'POST')).toMatchObject({ rule: refund, action: 'update' });
    expect(refusalOf(() => authorize(callerWith({ create: full }), refund, 'POST')).logReason).toBe(
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
    const { fields, presets } = authorize(callerWith({ create: permission }), customers, 'POST');
    expect({ fields, presets }).toEqual(expected);
  });

  it('a deletion needs no fields, which Directus does not give for it', () => {
    const remove: Permission = { access: 'full' };
    expect(authorize(callerWith({ delete: remove }), customers, 'DELETE')).toMatchObject({
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
    const refusal = refusalOf(() => authorize(callerWith({ create: permission }), customers, 'POST'));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', logReason]);
  });

  it('a deletion with an item rule is refused', () => {
    const refusal = refusalOf(() => authorize(callerWith({ delete: { access: 'partial' } }), customers, 'DELETE'));
    expect(refusal.logReason).toBe('partial_access:customers.delete');
  });

  const row = { field: 'stripe_id', from: [{ path: 'customer_id' }] };
  const tied: GoverningRule = { ...customers, row };
  const rows: [string, Permission, Grant['rows']][] = [
    ['an item rule', { access: 'partial', fields: ['*'] }, row],
    ['no item rule, so that no row is weighed', full, 'all'],
  ];
  it.each(rows)('where the route is tied to a row: %s', (_what, permission, expected) => {
    expect(authorize(callerWith({ read: permission }), tied, 'GET').rows).toBe(expected);
    expect(authorize(callerWith({ delete: permission }), tied, 'DELETE').rows).toBe(expected);
  });

  it('no access stays none where the route is tied to a row', () => {
    const refusal = refusalOf(() => authorize(callerWith({ read: { ...full, access: 'none' } }), tied, 'GET'));
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
    const { code, status, message, extensions, ...rest } = refusalOf(() => authorize(caller, rule, 'GET'));
    expect({ code, status, message, extensions }).toEqual({
      code: 'FORBIDDEN',
      status: 403,
      message: "You don't have permission to access this.",
      extensions: {},
    });
    expect(rest.logReason).toBe(logReason);
  });
});
