import { describe, expect, it } from '@jest/globals';
import type { Grant } from '../../../src/authorize/authorize.ts';
import { requireRows } from '../../../src/authorize/require-rows.ts';
import type { Directus, Row, RowQuestion } from '../../../src/directus/directus.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import type { Action } from '../../../src/upstreams/upstream.ts';
import { directusWith } from '../directus-with.ts';
import { grantOf } from '../grants.ts';
import { refusalIn } from '../refusal.ts';

const asker = { token: 'abc', address: '203.0.113.7' };
const rule = { path: '/:id', collection: 'customers' };
const rows = { collection: 'customers', field: 'stripe_id', from: [{ path: 'id' }, { query: 'customer' }] };
/** By a request whose path names this customer. */
const granted = (action: Action, id: string, more: Partial<Grant> = {}) =>
  grantOf({ rule, rows, action, path: new Map([['id', id]]), ...more });

/** A Directus that answers with these rows, and lets those change that `changeable` names. */
function directusOf(found: readonly Row[], changeable: readonly unknown[] = []) {
  const asked: [typeof asker, RowQuestion | string][] = [];
  const answers: Partial<Directus> = {
    readRows: (by, question) => {
      asked.push([{ ...asker, ...by }, question]);
      return Promise.resolve([...found]);
    },
    mayChangeItem: (by, collection, id, action) => {
      asked.push([{ ...asker, ...by }, `${action} ${collection} ${id}`]);
      return Promise.resolve(changeable.includes(id));
    },
  };
  return { asked, directus: directusWith(answers) };
}

const named = (...customers: string[]) => ({
  query: customers.map((value) => ({ path: ['customer'], value })),
  body: [],
});

describe('a caller with an item rule reaches what belongs to a row that their own token reads', () => {
  it('asked with the value, and of as few fields as need be', async () => {
    const { asked, directus } = directusOf([{ stripe_id: 'cus_1' }]);
    await requireRows(directus, asker, granted('read', 'cus_1'), named());
    const question = { collection: 'customers', field: 'stripe_id', and: [], values: ['cus_1'], limit: -1 };
    expect(asked).toEqual([[asker, question]]);
  });

  it('in another collection, where the rule names one, which need only be readable', async () => {
    const { asked, directus } = directusOf([{ stripe_id: 'cus_1' }]);
    const elsewhere = { rows: { ...rows, collection: 'accounts' } };
    await requireRows(directus, asker, granted('update', 'cus_1', elsewhere), named());
    const question = { collection: 'accounts', field: 'stripe_id', and: [], values: ['cus_1'], limit: -1 };
    expect(asked).toEqual([[asker, question]]);
  });

  const answers: [string, Row[], string[]][] = [
    ['among other rows', [{ stripe_id: 'cus_2' }, { stripe_id: 'cus_1' }], ['cus_1']],
    ['beside a row whose value is hidden', [{ stripe_id: null }, { stripe_id: 'cus_1' }], ['cus_1']],
    ['several, all of them', [{ stripe_id: 'cus_1' }, { stripe_id: 'cus_2' }], ['cus_1', 'cus_2']],
  ];
  it.each(answers)('%s', async (_what, found, [first = '', ...more]) => {
    const { directus } = directusOf(found);
    expect(await requireRows(directus, asker, granted('read', first), named(...more))).toBeUndefined();
  });
});

describe('a caller with an item rule is refused', () => {
  const answers: [string, Row[], string[]][] = [
    ['when no row is found', [], ['cus_1']],
    ['when one of two is not found', [{ stripe_id: 'cus_1' }], ['cus_1', 'cus_2']],
    ['when the value is hidden: the row is theirs by one rule, the field by another', [{ stripe_id: null }], ['cus_1']],
    ['when the field is not there at all', [{}], ['cus_1']],
    ['when the database compares in either case', [{ stripe_id: 'CUS_1' }], ['cus_1']],
    ['when the database ignores blanks', [{ stripe_id: 'cus_1 ' }], ['cus_1']],
    ['when the field holds a number', [{ stripe_id: 42 }], ['42']],
    ['when the field holds a list', [{ stripe_id: ['cus_1'] }], ['cus_1']],
    ['when another field holds the value', [{ stripe_id: 'cus_2', id: 'cus_1' }], ['cus_1']],
    ['when Directus answers something else', [{ stripe_id: 'cus_2' }], ['cus_1']],
  ];
  it.each(answers)('%s', async (_when, found, [first = '', ...more]) => {
    const { directus } = directusOf(found);
    const refusal = await refusalIn(requireRows(directus, asker, granted('read', first), named(...more)));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', 'row_not_readable']);
  });

  it('for an odd value, before Directus hears of it', async () => {
    const { asked, directus } = directusOf([{ stripe_id: '$CURRENT_USER' }]);
    const refusal = await refusalIn(requireRows(directus, asker, granted('read', '$CURRENT_USER'), named()));
    expect([refusal.logReason, asked]).toEqual(['odd_row_value', []]);
  });

  it('when Directus refuses or fails, in its own words', async () => {
    for (const error of [new GatewayError('TOKEN_EXPIRED'), new GatewayError('SERVICE_UNAVAILABLE')]) {
      const directus = directusWith({ readRows: () => Promise.reject(error) });
      expect(await refusalIn(requireRows(directus, asker, granted('read', 'cus_1'), named()))).toBe(error);
    }
  });
});

describe('a change needs a row that the caller may change', () => {
  const row = { id: 7, stripe_id: 'cus_1' };
  const twin = { id: 8, stripe_id: 'cus_1' };

  it.each(['update', 'delete'] as const)('%s is asked for by the row’s key', async (action) => {
    const { asked, directus } = directusOf([row, { id: 9, stripe_id: 'cus_2' }], ['7']);
    await requireRows(directus, asker, granted(action, 'cus_1'), named());
    expect(asked[0]?.[1]).toMatchObject({ and: ['id'] });
    expect(asked.slice(1)).toEqual([[asker, `${action} customers 7`]]);
  });

  const refused: [string, Row[], string[], string][] = [
    ['the row may only be read', [row], [], 'row_not_changeable'],
    ['of two rows with the value one may only be read', [row, twin], ['7'], 'row_not_changeable'],
    ['the key is hidden', [{ ...row, id: null }], ['7'], 'row_not_changeable'],
    ['another row may be changed', [{ id: 9, stripe_id: 'cus_2' }], ['9'], 'row_not_readable'],
  ];
  it.each(refused)('refused: %s', async (_why, found, changeable, logReason) => {
    const { directus } = directusOf(found, changeable);
    expect((await refusalIn(requireRows(directus, asker, granted('update', 'cus_1'), named()))).logReason).toBe(
      logReason,
    );
  });

  it('of several named rows each', async () => {
    const found = [row, { id: 9, stripe_id: 'cus_2' }];
    const change = (changeable: string[]) =>
      requireRows(directusOf(found, changeable).directus, asker, granted('update', 'cus_1'), named('cus_2'));
    expect((await refusalIn(change(['7']))).logReason).toBe('row_not_changeable');
    expect(await change(['7', '9'])).toBeUndefined();
  });

  it.each(['read', 'create'] as const)('but %s does not', async (action) => {
    const { asked, directus } = directusOf([row]);
    await requireRows(directus, asker, granted(action, 'cus_1'), named());
    expect(asked).toHaveLength(1);
  });
});

describe('Directus is asked for no row', () => {
  const grants: [string, Grant][] = [
    ['where the permission has no item rule', granted('read', 'cus_1', { rows: 'all' })],
    ['where every item of the answer is weighed', granted('read', 'cus_1', { rows: { ...rows, from: 'each-item' } })],
  ];
  it.each(grants)('%s', async (_where, grant) => {
    expect(await requireRows(directusWith({}), asker, grant, named())).toBeUndefined();
  });
});
