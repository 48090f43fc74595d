import type { Rule as StoredRule } from '../../demo/directus/create-role.ts';

/** A permission as an administrator writes it in Directus. */
export type Stored = StoredRule & {
  readonly fields?: readonly string[];
  readonly presets?: Readonly<Record<string, string>>;
};

export type Case = { readonly caller: string; readonly rules: readonly Stored[] };

const own = { owner: { _eq: '$CURRENT_USER' } };
const actions = ['create', 'read', 'update', 'delete'] as const;
const both = ['customers', 'messages'] as const;

/** What the callers of the permission matrix may do, in Directus' own terms. */
export const cases: Case[] = [
  { caller: 'may do nothing', rules: [] },
  {
    caller: 'may do everything',
    rules: both.flatMap((collection) => actions.map((action) => ({ collection, action }))),
  },
  { caller: 'may read everything', rules: both.map((collection) => ({ collection, action: 'read' })) },
  { caller: 'may create everything', rules: both.map((collection) => ({ collection, action: 'create' })) },
  {
    caller: 'may read some fields',
    rules: [
      { collection: 'customers', action: 'read', fields: ['email', 'stripe_customer_id', 'amount'] },
      { collection: 'messages', action: 'read', fields: ['To', 'to', 'sid'] },
    ],
  },
  {
    caller: 'may read some fields, and filter by customer',
    rules: [{ collection: 'customers', action: 'read', fields: ['customer', 'address.city', 'metadata'] }],
  },
  { caller: 'may read no field at all', rules: [{ collection: 'customers', action: 'read', fields: [] }] },
  {
    caller: 'may create with some fields',
    rules: [
      { collection: 'customers', action: 'create', fields: ['email'] },
      { collection: 'messages', action: 'create', fields: ['To', 'Body'] },
    ],
  },
  {
    caller: 'is given what they leave out',
    rules: [
      { collection: 'customers', action: 'create', presets: { name: 'Preset Name' } },
      { collection: 'messages', action: 'create', presets: { Body: 'Preset body' } },
    ],
  },
  {
    caller: 'is forced to what they may not choose',
    rules: [
      { collection: 'customers', action: 'create', fields: ['email'], presets: { name: 'Forced Name' } },
      { collection: 'messages', action: 'create', fields: ['To'], presets: { Body: 'Forced body' } },
    ],
  },
  {
    caller: 'is preset by two policies’ worth of rules',
    rules: [
      { collection: 'customers', action: 'create', fields: ['email'], presets: { name: 'First' } },
      { collection: 'customers', action: 'create', fields: ['name'], presets: { description: '$CURRENT_USER' } },
    ],
  },
  {
    caller: 'may read and delete their own rows',
    rules: [
      { collection: 'customers', action: 'read', permissions: own },
      { collection: 'customers', action: 'delete', permissions: own },
    ],
  },
  {
    caller: 'may read all rows and delete their own',
    rules: [
      { collection: 'customers', action: 'read' },
      { collection: 'customers', action: 'delete', permissions: own },
    ],
  },
  {
    caller: 'may read some fields of their own rows',
    rules: [
      {
        collection: 'customers',
        action: 'read',
        permissions: own,
        fields: ['stripe_customer_id', 'email', 'customer', 'amount'],
      },
    ],
  },
  {
    caller: 'may read their own rows without the id at Stripe',
    rules: [{ collection: 'customers', action: 'read', permissions: own, fields: ['email', 'name'] }],
  },
  {
    caller: 'may read their own rows by one rule and every name by another',
    rules: [
      { collection: 'customers', action: 'read', permissions: own },
      { collection: 'customers', action: 'read', fields: ['name'] },
    ],
  },
  {
    caller: 'may read rows of which there are none',
    rules: [{ collection: 'customers', action: 'read', permissions: { name: { _eq: 'Nobody at all' } } }],
  },
  {
    caller: 'has an item rule for messages, which no route can be tied to',
    rules: [
      { collection: 'messages', action: 'read', permissions: { Body: { _eq: 'Hello' } } },
      { collection: 'messages', action: 'create' },
    ],
  },
];
