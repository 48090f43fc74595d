import { callDirectus, createInDirectus } from './call.ts';
import type { RunningDirectus } from './start.ts';

export type Seeded = Pick<RunningDirectus, 'url' | 'adminToken' | 'version'>;

export type Rule = {
  collection: string;
  action: 'create' | 'read' | 'update' | 'delete';
  /** The item rule, as Directus filters. */
  permissions?: object;
  /** All where there are none. */
  fields?: readonly string[];
};

/**
 * A role with these permissions, in whatever way the version keeps them. Without access to the app: such users take no
 * seat, of which 12 without a licence has three.
 */
export async function createRole(directus: Seeded, name: string, rules: readonly Rule[]): Promise<string> {
  const access = { name, admin_access: false, app_access: false };
  const permissions = rules.map((rule) => ({ permissions: {}, fields: ['*'], ...rule }));
  if (directus.version === '10.13.4') {
    const role = await createInDirectus(directus, '/roles', access);
    await callDirectus(
      directus,
      'POST',
      '/permissions',
      permissions.map((rule) => ({ ...rule, role })),
    );
    return role;
  }
  const policy = await createInDirectus(directus, '/policies', access);
  await callDirectus(
    directus,
    'POST',
    '/permissions',
    permissions.map((rule) => ({ ...rule, policy })),
  );
  return createInDirectus(directus, '/roles', { name, policies: [{ policy }] });
}
