import { describe, expect, it } from '@jest/globals';
import { describePlan } from '../../../src/init/describe-plan.ts';
import { type Existing, makePlan, unknownNames, type Wishes } from '../../../src/init/plan.ts';
import { nameOf } from '../../../src/init/step.ts';
import type { WantedCollection } from '../../../src/init/wanted.ts';

const marker: WantedCollection = {
  name: 'stripe_products',
  icon: 'vpn_lock',
  upstreams: ['stripe'],
  routes: ['GET /stripe/v1/products'],
  rowFields: [],
  parameters: ['name', 'Name', 'ID', 'metadata'],
  optional: false,
};
const optional: WantedCollection = { ...marker, name: 'stripe_prices', optional: true };
const customers: WantedCollection = { ...marker, name: 'customers', rowFields: ['stripe_customer_id'] };

const nothing: Existing = { version: '11.17.4', hasPolicies: true, collections: new Map(), policies: new Map() };
const wishes: Wishes = { collections: [marker, optional], upstreams: ['stripe'], with: [], serviceUser: false };
const table = (...fields: string[]) => ({ isFolder: false, fields });
const planned = (wished: Partial<Wishes>, there: Partial<Existing> = {}) =>
  makePlan({ ...wishes, ...wished }, { ...nothing, ...there });
const created = (...given: Parameters<typeof planned>) => planned(...given).create.map(nameOf);

describe('on a new Directus, an administrator', () => {
  it('gets what is referred to comes before what refers to it', () => {
    expect(created({ serviceUser: true })).toEqual([
      'folder gateway',
      'collection stripe_products',
      'policy Gateway: stripe',
      'policy Gateway service',
      'policy Gateway address test',
      'user Directus Gateway',
    ]);
  });

  it('gets a marker out of the way of editors, and a collection with rows in their sight', () => {
    const [, first, second] = planned({ collections: [marker, customers] }).create;
    expect(first).toMatchObject({ name: 'stripe_products', hidden: true, folder: 'gateway' });
    expect(second).toMatchObject({ name: 'customers', hidden: false });
    expect(second).not.toHaveProperty('folder');
    expect(second).toMatchObject({ fields: [{ name: 'stripe_customer_id' }, { name: 'name' }, { type: 'json' }] });
    expect(planned({ collections: [customers] }).create[0]).not.toHaveProperty('folder');
  });

  it('gets no two fields whose names differ in case only, and none that is the key', () => {
    const [, step] = planned({}).create;
    expect(step).toMatchObject({ fields: [{ name: 'name' }, { name: 'metadata' }] });
  });

  it('gets a policy for an upstream that allows nothing, and a service policy that reads and no more', () => {
    const policies = planned({}).create.filter(({ kind }) => kind === 'policy');
    expect(policies).toMatchObject([
      { name: 'Gateway: stripe', reads: [] },
      {
        reads: [
          'directus_permissions',
          'directus_users',
          'directus_roles',
          'directus_activity',
          'directus_policies',
          'directus_access',
        ],
      },
      { reads: ['directus_translations'], ipAccess: ['192.0.2.1'] },
    ]);
  });

  it('gets collections alone where Directus has no policies', () => {
    expect(created({ serviceUser: true }, { hasPolicies: false })).toEqual([
      'folder gateway',
      'collection stripe_products',
    ]);
  });
});

describe('optional collections', () => {
  it.each([
    { with: [] as string[], names: [], available: ['stripe_prices'] },
    { with: ['stripe_prices'], names: ['stripe_prices'], available: [] },
    { with: 'all' as const, names: ['stripe_prices'], available: [] },
  ])('are created when they are asked for: $with', ({ with: wanted, names, available }) => {
    const plan = planned({ collections: [optional], with: wanted });
    expect(plan.create.filter(({ kind }) => kind === 'collection').map((step) => 'name' in step && step.name)).toEqual(
      names,
    );
    expect(plan.available).toEqual(available);
  });

  it('of unknown names are told', () => {
    expect(unknownNames({ ...wishes, with: ['stripe_prices', 'stripe_pricse'] })).toEqual(['stripe_pricse']);
  });

  it('that are there already get the fields that rows need, asked for or not', () => {
    const withRows = { ...optional, rowFields: ['price_id'] };
    const there = { collections: new Map([['stripe_prices', table('id')]]) };
    expect(created({ collections: [withRows] }, there)).toContain('field stripe_prices.price_id');
  });
});

describe('what is there', () => {
  it('is not changed, whatever it looks like', () => {
    const collections = new Map([
      ['stripe_products', table('id')],
      ['gateway', { isFolder: true, fields: [] }],
    ]);
    const plan = planned({}, { collections });
    expect(plan.exists).toEqual(['collection stripe_products']);
    expect(plan.create.map(({ kind }) => kind)).toEqual(['policy', 'policy', 'policy']);
  });

  it('gets the field that rows are found by, and no parameters', () => {
    const there = { collections: new Map([['customers', table('id', 'email')]]) };
    expect(created({ collections: [customers] }, there).filter((name) => name.startsWith('field'))).toEqual([
      'field customers.stripe_customer_id',
    ]);
  });

  it('is no folder to put markers in when a table has its name', () => {
    const there = { collections: new Map([['gateway', table('id')]]) };
    const [first] = planned({}, there).create;
    expect(first).toMatchObject({ kind: 'collection', name: 'stripe_products' });
    expect(first).not.toHaveProperty('folder');
  });

  it('of the service policy is kept, and what it does not read yet is named', () => {
    const reads = ['directus_permissions', 'directus_users', 'directus_roles', 'directus_activity', 'directus_access'];
    const there = { policies: new Map([['Gateway service', { id: '1', reads, creates: [], users: 0 }]]) };
    expect(created({}, there)).toContain('permission to read directus_policies in the policy Gateway service');
  });

  it('of the gateway’s own user is no second one', () => {
    const there = { policies: new Map([['Gateway service', { id: '1', reads: [], creates: [], users: 1 }]]) };
    const plan = planned({ serviceUser: true }, there);
    expect(plan.create.map(({ kind }) => kind)).not.toContain('user');
    expect(plan.exists).toContain('user with the policy Gateway service');
  });
});

describe('with AUDIT_COLLECTION', () => {
  const audit = 'api_writes';
  const policies = new Map([['Gateway service', { id: '1', reads: [], creates: [audit], users: 1 }]]);

  it('an administrator gets the collection, untracked, with keys of the gateway’s own, and the right to create there', () => {
    const steps = planned({ audit }).create;
    expect(steps).toContainEqual(
      expect.objectContaining({ kind: 'collection', name: audit, key: 'uuid', isUntracked: true, hidden: false }),
    );
    expect(steps.filter((step) => 'creates' in step)).toMatchObject([{ name: 'Gateway service', creates: [audit] }]);
  });

  it('a service policy that is there gets the right alone, and once', () => {
    const right = 'permission to create items of api_writes in the policy Gateway service';
    const without = new Map([['Gateway service', { id: '1', reads: [], creates: [], users: 1 }]]);
    expect(created({ audit }, { policies: without })).toContain(right);
    expect(created({ audit }, { policies })).not.toContain(right);
  });

  it('a collection that is there gets the fields that it lacks, and a folder none', () => {
    const fields = (there: { isFolder: boolean; fields: string[] }) =>
      created({ audit }, { collections: new Map([[audit, there]]) }).filter((name) => name.includes(audit));
    const all = ['time', 'user', 'share', 'role', 'ip', 'upstream', 'method', 'action', 'collection', 'rule', 'path'];
    expect(fields(table('id', ...all)).filter((name) => !name.startsWith('permission'))).toEqual(
      ['status', 'code', 'upstream_id', 'upstream_request_id', 'request_id'].map((name) => `field ${audit}.${name}`),
    );
    expect(fields({ isFolder: true, fields: [] }).filter((name) => name.startsWith('field'))).toEqual([]);
  });
});

it('a plan reads as lines that name everything', () => {
  const there = { collections: new Map([['customers', table('id')]]) };
  const text = describePlan(planned({ collections: [marker, optional, customers], serviceUser: true }, there), true);
  expect(text).toContain('  exists  collection customers\n');
  expect(text).toContain(
    '  create  collection stripe_products\n            icon vpn_lock, in the folder gateway, hidden\n',
  );
  expect(text).toContain('fields id, name, metadata\n');
  expect(text).toContain(
    'decide who may use stripe through directus-gateway: GET /stripe/v1/products. It needs no rows.',
  );
  expect(text).toContain('  create  field customers.stripe_customer_id\n');
  expect(text).toContain('  optional, created by --with <name,…> or --with all:\n            stripe_prices\n');
});

describe('dozens of optional collections', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...optional, name }));
  const plan = planned({ collections: [marker, ...many] });

  it('are counted where somebody is about to agree, and named in a dry run', () => {
    expect(describePlan(plan, false)).toContain('  optional a, b, c and 2 more\n');
    expect(describePlan(plan, true)).toContain('            d\n            e\n');
  });

  it('are not named in a policy before they are there', () => {
    const policy = (there: Partial<Existing>) =>
      planned({ collections: [marker, ...many] }, there).create.find((step) => step.kind === 'policy');
    const collections = new Map([['b', table('id')]]);
    expect(policy({})).toMatchObject({ description: expect.stringMatching(/on stripe_products\.$/) });
    expect(policy({ collections })).toMatchObject({ description: expect.stringMatching(/on stripe_products, b\.$/) });
  });
});
