import type { Directus } from '../../src/directus/directus.ts';

const unexpected = () => Promise.reject(new Error('Directus was asked something that it need not be.'));

/** A Directus that answers what a test is about, and fails on every other question. */
export const directusWith = (answers: Partial<Directus>): Directus => ({
  readPermissions: unexpected,
  readServicePermissions: undefined,
  readMe: unexpected,
  readAccount: undefined,
  readRows: unexpected,
  mayChangeItem: unexpected,
  updateItem: unexpected,
  hasPolicies: unexpected,
  readPublicPermissions: undefined,
  ping: unexpected,
  ...answers,
});
