import { describe, expect, it } from '@jest/globals';
import type { StoredPermission } from '../../../src/directus/answers.ts';
import { type Bearer, mergePermissions, nobody } from '../../../src/directus/merge-permissions.ts';

const bearer: Bearer = { user: 'user-1', role: 'role-1', admin: false };
const stored = (given: Partial<StoredPermission> = {}): StoredPermission => ({
  collection: 'customers',
  action: 'read',
  permissions: {},
  presets: null,
  fields: ['*'],
  ...given,
});
const read = (...permissions: Partial<StoredPermission>[]) =>
  mergePermissions(permissions.map(stored), bearer).get('customers')?.read;

describe('what the stored permissions of a role give a caller', () => {
  const cases: [string, Partial<StoredPermission>[], unknown][] = [
    ['nothing stored gives nothing', [], undefined],
    ['a plain one gives all', [{}], { access: 'full', fields: ['*'], presets: {} }],
    ['no filter is none', [{ permissions: null }], { access: 'full', fields: ['*'], presets: {} }],
    [
      'a filter makes it partial',
      [{ permissions: { a: { _eq: 1 } } }],
      { access: 'partial', fields: ['*'], presets: {} },
    ],
    ['one filter of two does', [{ permissions: { _and: [] } }, {}], { access: 'partial', fields: ['*'], presets: {} }],
    ['in either order', [{}, { permissions: { _and: [] } }], { access: 'partial', fields: ['*'], presets: {} }],
    [
      'fields are united',
      [{ fields: ['a', 'b'] }, { fields: ['b', 'c'] }],
      { access: 'full', fields: ['a', 'b', 'c'], presets: {} },
    ],
    ['no fields give none', [{ fields: null }], { access: 'full', fields: [], presets: {} }],
    [
      'presets are merged, the later one wins',
      [{ presets: { a: 1, b: 1 } }, { presets: { b: 2 } }],
      { access: 'full', fields: ['*'], presets: { a: 1, b: 2 } },
    ],
    [
      'presets name the caller',
      [{ presets: { by: '$CURRENT_USER', as: '$CURRENT_ROLE' } }],
      { access: 'full', fields: ['*'], presets: { by: 'user-1', as: 'role-1' } },
    ],
    ['another action gives nothing', [{ action: 'update' }, { action: 'share' }], undefined],
    ['another collection gives nothing', [{ collection: 'Customers' }], undefined],
  ];
  it.each(cases)('%s', (_what, permissions, expected) => {
    expect(read(...permissions)).toEqual(expected);
  });

  const dynamic: [string, Partial<StoredPermission>][] = [
    ['a time', { presets: { at: '$NOW' } }],
    ['a field of the user', { presets: { team: '$CURRENT_USER.team' } }],
    ['something deep inside', { presets: { a: { b: ['$CURRENT_USER'] } } }],
    ['something that nobody knows', { presets: { a: '$NEW' } }],
  ];
  it.each(dynamic)('one whose presets need %s does not count', (_what, permission) => {
    expect(read(permission)).toBeUndefined();
    expect(read({ ...permission, fields: ['canary'] }, { fields: ['a'] })).toMatchObject({
      fields: ['a'],
      presets: {},
    });
  });

  it('each collection and action by itself', () => {
    const merged = mergePermissions(
      [
        stored({ fields: ['a'] }),
        stored({ action: 'update', fields: ['b'] }),
        stored({ collection: 'orders', fields: ['c'] }),
      ],
      bearer,
    );
    expect(merged.get('customers')).toMatchObject({ read: { fields: ['a'] }, update: { fields: ['b'] } });
    expect(merged.get('orders')).toMatchObject({ read: { fields: ['c'] } });
    expect(merged.get('constructor')).toBeUndefined();
  });
});

describe('an administrator of Directus', () => {
  it('may do everything everywhere, whatever is stored', () => {
    const merged = mergePermissions([stored({ fields: [], permissions: { a: 1 } })], { ...bearer, admin: true });
    const full = { access: 'full', fields: ['*'], presets: {} };
    expect(merged.get('anything')).toEqual({ create: full, read: full, update: full, delete: full });
  });
});

describe('the public', () => {
  it('has what is stored for it', () => {
    expect(mergePermissions([stored({ fields: ['a'] })], nobody).get('customers')?.read?.fields).toEqual(['a']);
  });

  it.each(['$CURRENT_USER', '$CURRENT_ROLE'])('is nobody, so that a preset of %s gives nothing', (value) => {
    expect(mergePermissions([stored({ presets: { by: value } })], nobody).get('customers')).toBeUndefined();
  });
});
