import type { Permissions } from '../directus/accountability.ts';
import { actions } from '../upstreams/upstream.ts';

/**
 * Whether these are the permissions of an administrator. Directus does not say so itself, but grants them everything on
 * its own collections. Whoever may do everything to these can make an administrator of themselves, and so is one.
 * @param permissions all of them, and not only those that rules speak of
 */
export const isAdmin = (permissions: Permissions): boolean =>
  decisive.every((collection) => {
    const granted = permissions.get(collection);
    return actions.every((action) => {
      const { access, fields = ['*'] } = granted?.[action] ?? { access: 'none' };
      return access === 'full' && fields.includes('*');
    });
  });

const decisive = ['directus_access', 'directus_permissions', 'directus_policies', 'directus_roles', 'directus_users'];
