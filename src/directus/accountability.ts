import type { Action } from '../upstreams/upstream.ts';
import type { JsonObject } from './json.ts';

/** What Directus says of one action on one collection (`GET /permissions/me`). */
export type Permission = {
  readonly access: 'none' | 'partial' | 'full';
  /** `["*"]` or the listed fields. Absent for delete. */
  readonly fields?: readonly string[] | undefined;
  readonly presets?: JsonObject | null | undefined;
};

/** By collection. Not a Map where everything is granted. */
export type Permissions =
  | ReadonlyMap<string, CollectionPermissions>
  | Pick<ReadonlyMap<string, CollectionPermissions>, 'get'>;

type CollectionPermissions = { readonly [Name in Action]?: Permission | undefined };

/** Who is asking, in Directus' own word, as far as the gateway needs to know. */
export type Accountability = {
  /** Null for a share. */
  readonly user: string | null;
  readonly role: string | null;
  readonly share: string | null;
  readonly ip: string;
  readonly permissions: Permissions;
};
