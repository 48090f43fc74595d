import { randomUUID } from 'node:crypto';
import { createInDirectus } from './call.ts';
import { createRole, type Seeded } from './create-role.ts';

const everywhere = ['directus_permissions', 'directus_users', 'directus_roles', 'directus_activity'];
const fromDirectus11 = ['directus_policies', 'directus_access'];

/**
 * Creates the user whose token the gateway has as DIRECTUS_TOKEN, and returns the token. It may read what decides about
 * everybody's permissions, and nothing else.
 */
export async function createServiceUser(directus: Seeded): Promise<string> {
  const collections = directus.version === '10.13.4' ? everywhere : [...everywhere, ...fromDirectus11];
  const rules = collections.map((collection) => ({ collection, action: 'read' as const }));
  const role = await createRole(directus, 'gateway', rules);
  const token = randomUUID();
  await createInDirectus(directus, '/users', { email: 'gateway@example.com', token, role, first_name: 'gateway' });
  return token;
}
