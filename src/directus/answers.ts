import { z } from 'zod';

const permission = z.object({
  access: z.enum(['none', 'partial', 'full']),
  fields: z.array(z.string()).optional(),
  presets: z.record(z.string(), z.unknown()).nullish(),
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
export type PermissionsAnswer = z.output<typeof permissions>;

/** `GET /users/me?fields=id,role`, inside `data`; without `role` where the user may not read it. */
export const me = z.object({ id: z.string(), role: z.string().nullish() });
export type Me = z.output<typeof me>;

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
