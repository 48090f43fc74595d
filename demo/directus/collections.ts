import { callDirectus } from './call.ts';
import type { RunningDirectus } from './start.ts';

type Seeded = Pick<RunningDirectus, 'url' | 'adminToken'>;

/**
 * `customers` has a row for each customer at Stripe. `messages` holds no rows: it is there to carry the permissions for
 * Twilio, and has Twilio's parameters as fields so that a permission can be limited to some of them.
 */
export async function createCollections(directus: Seeded): Promise<void> {
  await createCollection(directus, 'customers', [
    { field: 'name', type: 'string' },
    { field: 'email', type: 'string' },
    { field: 'stripe_customer_id', type: 'string' },
    { field: 'owner', type: 'uuid', meta: { interface: 'select-dropdown-m2o', special: ['m2o'] } },
  ]);
  await createCollection(directus, 'messages', [
    { field: 'To', type: 'string' },
    { field: 'From', type: 'string' },
    { field: 'Body', type: 'text' },
  ]);
  await callDirectus(directus, 'POST', '/relations', {
    collection: 'customers',
    field: 'owner',
    related_collection: 'directus_users',
    schema: { on_delete: 'SET NULL' },
  });
}

type Field = { field: string; type: string; meta?: object };

async function createCollection(directus: Seeded, collection: string, fields: Field[]): Promise<void> {
  const id = {
    field: 'id',
    type: 'integer',
    meta: { hidden: true, readonly: true },
    schema: { is_primary_key: true, has_auto_increment: true },
  };
  const columns = fields.map((field) => ({ meta: {}, schema: {}, ...field }));
  await callDirectus(directus, 'POST', '/collections', { collection, meta: {}, schema: {}, fields: [id, ...columns] });
}
