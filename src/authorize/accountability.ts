import type { Action } from '../upstreams/upstream.ts';

/** What Directus says of one action on one collection (`GET /permissions/me`). */
export type Permission = {
  readonly access: 'none' | 'partial' | 'full';
  /** `["*"]` or the listed fields. Absent for delete. */
  readonly fields?: readonly string[] | undefined;
  readonly presets?: Readonly<Record<string, unknown>> | null | undefined;
};

export type Permissions = ReadonlyMap<string, { readonly [Name in Action]?: Permission | undefined }>;

/** Who is asking, in Directus' own word, as far as the gateway needs to know. */
export type Accountability = {
  /** Null for a share. */
  readonly user: string | null;
  readonly role: string | null;
  readonly share: string | null;
  readonly permissions: Permissions;
};
