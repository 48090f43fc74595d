import { z } from 'zod';

/** What every answer of Directus is wrapped in. */
export const envelope = z.object({ data: z.unknown() }).refine(({ data }) => data !== undefined);

const permission = z.object({
  access: z.enum(['none', 'partial', 'full']),
  fields: z.array(z.string()).optional(),
  presets: z.record(z.string(), z.json()).nullish(),
});

/** `GET /permissions/me`, inside `data` (Directus 11.0.1 and later). */
export const permissions = z
  .record(
    z.string(),
    z.object({
      create: permission.optional(),
      read: permission.optional(),
      update: permission.optional(),
      delete: permission.optional(),
    }),
  )
  .transform((collections) => new Map(Object.entries(collections)));

/** `GET /users/me?fields=id,role`, inside `data`; without `role` where the user may not read it. */
export const me = z.object({ id: z.string(), role: z.string().nullish() });
export type Me = z.output<typeof me>;

/** `GET /users/me?fields=id` of Directus 10, inside `data`: a share has no id. */
export const shareOrMe = z.object({ id: z.string().optional() });

/** `GET /users?filter[id][_eq]=…&fields=status,role.id`, inside `data`. */
export const accounts = z.array(z.object({ status: z.string(), role: z.object({ id: z.string() }).nullable() }));
export type Account = z.output<typeof accounts>[number];

/** `GET /users/:id?fields=role.id,role.admin_access` of Directus 10, inside `data`. */
export const accountOfDirectus10 = z.object({
  role: z.object({ id: z.string(), admin_access: z.boolean() }).nullable(),
});

/** `GET /access?fields=policy.id,policy.ip_access`, inside `data`. */
export const attachedPolicies = z.array(
  z.object({ policy: z.object({ id: z.uuid(), ip_access: z.array(z.string()).nullish() }) }),
);

/** `GET /permissions?filter[role][_eq]=…&limit=-1` of Directus 10, inside `data`. */
export const storedPermissions = z.array(
  z.object({
    collection: z.string(),
    action: z.enum(['create', 'read', 'update', 'delete', 'share']),
    permissions: z.record(z.string(), z.unknown()).nullish(),
    presets: z.record(z.string(), z.json()).nullish(),
    fields: z.array(z.string()).nullish(),
  }),
);
export type StoredPermission = z.output<typeof storedPermissions>[number];

/** `SEARCH /items/:collection`, inside `data`. */
export const rows = z.array(z.record(z.string(), z.unknown()));

/** `GET /permissions/me/:collection/:id`, inside `data`. */
export const itemPermissions = z.object({
  update: z.object({ access: z.boolean() }),
  delete: z.object({ access: z.boolean() }),
});

/** What @directus/sdk throws when Directus answers with an error. */
export const requestError = z.object({
  errors: z
    .array(
      z.object({
        extensions: z.object({
          code: z.enum(['INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'INVALID_TOKEN', 'FORBIDDEN']),
        }),
      }),
    )
    .min(1),
  response: z.object({ status: z.number() }),
});

/** Header of a JWT that Directus made: it signs with HS256 only. */
export const tokenHeader = z.object({ alg: z.literal('HS256') });

/** Payload of a JWT that this Directus made. Read only after Directus has verified the token. */
export const tokenPayload = z.object({
  iss: z.literal('directus'),
  id: z.string().nullish(),
  role: z.string().nullish(),
  share: z.string().nullish(),
  exp: z.number(),
});
export type TokenPayload = z.output<typeof tokenPayload>;
