import type { Permissions } from '../directus/accountability.ts';

/** @property fields what an event is to say of each row; its `id`, where that is left out */
export type Watched = { readonly collection: string; readonly fields?: readonly string[]; readonly filter?: object };

/**
 * Everything that Directus' answer about somebody rests on. Sessions never fire (Directus 11.17.4): a logout shows as an
 * activity only. All other activities are left out, or every change of any item would count.
 * @param hasPolicies whether Directus has policies: from 11 on
 */
export const watchedCollections = (hasPolicies: boolean): readonly Watched[] => [
  { collection: 'directus_permissions' },
  { collection: 'directus_users' },
  { collection: 'directus_roles' },
  { collection: 'directus_activity', fields: ['user'], filter: { action: { _eq: 'logout' } } },
  ...(hasPolicies ? [{ collection: 'directus_policies' }, { collection: 'directus_access' }] : []),
];

/**
 * The watched collections that the service token does not read whole. Directus would confirm a subscription to them and
 * then tell of the readable rows only, so that changes of everybody else were missed.
 */
export const halfReadable = (watched: readonly Watched[], permissions: Permissions): string[] =>
  watched
    .map(({ collection }) => collection)
    .filter((collection) => permissions.get(collection)?.read?.access !== 'full');
