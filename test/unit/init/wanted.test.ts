import { describe, expect, it } from '@jest/globals';
import { wantedCollections } from '../../../src/init/wanted.ts';
import type { Rule } from '../../../src/upstreams/upstream.ts';

const declared = (name: string, ...rules: Rule[]) => ({ name, rules });
const wanted = (...rules: Rule[]) => wantedCollections([declared('stripe', ...rules)]);

describe('the collections that rules name', () => {
  it('come with the field by which rows are found, the routes and the parameters', () => {
    const row = { field: 'stripe_customer_id', from: 'each-item' } as const;
    const collection = 'customers';
    const [found, ...more] = wanted(
      { methods: ['GET', 'HEAD'], path: '/customers', collection, operation: 'list-customers', row },
      { methods: ['POST'], path: '/customers', collection, operation: 'create-customer', fields: ['email'] },
      { path: '/v1/payment_intents/*', collection, fields: ['amount'] },
    );
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      rowFields: ['stripe_customer_id'],
      routes: ['GET, HEAD /stripe/customers', 'POST /stripe/customers', 'any method /stripe/v1/payment_intents/*'],
      parameters: expect.arrayContaining(['email', 'amount']),
    });
  });

  it('are none where a rule refuses, or where the path names them', () => {
    expect(wanted({ path: '/v1/refunds', deny: 'off' }, { path: '/items/:name', collection: 'x_{name}' })).toEqual([]);
  });

  it('are told once, with everything that is said of them', () => {
    const [found, ...more] = wantedCollections([
      declared('stripe', { path: '/v1/products', collection: 'shop' }),
      declared('other', { methods: ['POST'], path: '/orders', collection: 'shop', action: 'update' }),
    ]);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      upstreams: ['stripe', 'other'],
      routes: ['any method /stripe/v1/products', 'POST /other/orders (as update)'],
    });
  });

  it('are optional only when every rule says so', () => {
    const rule = { path: '/v1/products', collection: 'shop', optional: true };
    expect(wanted(rule, rule)).toMatchObject([{ optional: true }]);
    expect(wanted(rule, { ...rule, optional: false })).toMatchObject([{ optional: false }]);
  });

  it('include the one that holds the rows, which governs nothing', () => {
    const row = { collection: 'customers', field: 'cus', from: [{ query: 'customer' }] };
    expect(wanted({ path: '/v1/charges', collection: 'stripe_charges', row })).toMatchObject([
      { name: 'stripe_charges', rowFields: [], routes: ['any method /stripe/v1/charges'] },
      { name: 'customers', rowFields: ['cus'], routes: [] },
    ]);
  });

  it('have the field into which the id of a new customer is written', () => {
    const rule = {
      path: '/customers',
      collection: 'customers',
      operation: 'create-customer',
      writeBack: 'cus',
    } as const;
    expect(wanted(rule)).toMatchObject([{ name: 'customers', rowFields: ['cus'] }]);
  });

  it('have no parameters but those that their rules list', () => {
    const rule = { path: '/2010-04-01/Accounts/AC1/Messages.*', collection: 'messages' };
    expect(wanted({ ...rule, fields: ['To', 'Body'] })[0]?.parameters).toEqual(['To', 'Body']);
    expect(wanted(rule)[0]?.parameters).toEqual([]);
  });
});
