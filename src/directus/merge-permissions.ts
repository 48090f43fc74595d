import type { Permission, Permissions } from './accountability.ts';
import type { StoredPermission } from './answers.ts';
import type { Json, JsonObject } from './json.ts';

export type Bearer = { readonly user: string | null; readonly role: string | null; readonly admin: boolean };

/** Who asks without a token. */
export const nobody: Bearer = { user: null, role: null, admin: false };

const full: Permission = { access: 'full', fields: ['*'], presets: {} };
const everything: Permissions = { get: () => ({ create: full, read: full, update: full, delete: full }) };

/**
 * What `GET /permissions/me` would say, from the stored permissions of one role, for a Directus that cannot be asked:
 * `partial` as soon as a rule has a filter, `fields` united, `presets` merged with the bearer filled in.
 */
export function mergePermissions(stored: readonly StoredPermission[], bearer: Bearer): Permissions {
  if (bearer.admin) return everything;
  const merged = new Map<string, { [action in StoredPermission['action']]?: Permission }>();
  for (const permission of stored) {
    const { collection, action } = permission;
    const presets = filledIn(permission.presets ?? {}, bearer);
    if (presets === undefined) continue;
    const before = merged.get(collection)?.[action];
    const isFiltered = Object.keys(permission.permissions ?? {}).length > 0;
    const next: Permission = {
      access: isFiltered || before?.access === 'partial' ? 'partial' : 'full',
      fields: [...new Set([...(before?.fields ?? []), ...(permission.fields ?? [])])],
      presets: { ...before?.presets, ...presets },
    };
    merged.set(collection, { ...merged.get(collection), [action]: next });
  }
  return merged;
}

/** Presets with the dynamic values that need no look-up; undefined when one does, so that the rule does not count. */
function filledIn(presets: JsonObject, { user, role }: Bearer): JsonObject | undefined {
  const known = new Map<Json, Json>([
    ['$CURRENT_USER', user],
    ['$CURRENT_ROLE', role],
  ]);
  const entries = Object.entries(presets).map(([name, value]): [string, Json] => [name, known.get(value) ?? value]);
  return JSON.stringify(entries.map(([, value]) => value)).includes('"$') ? undefined : Object.fromEntries(entries);
}
