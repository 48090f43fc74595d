import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';

/** Directus, with what it takes to set things up in it. */
export type Access = Parameters<typeof callDirectus>[0];

export type User = { readonly id: string; readonly email: string; readonly token: string };

/** A new user with a static token, and whatever else is given. */
export async function newUser(
  directus: Access,
  more: { readonly role?: string; readonly password?: string; readonly policies?: readonly { policy: string }[] },
): Promise<User> {
  const login = { email: `${randomUUID()}@example.com`, token: randomUUID() };
  return { id: await createInDirectus(directus, '/users', { ...login, ...more }), ...login };
}

export async function roleOf(directus: Access, { id }: { readonly id: string }): Promise<string> {
  return z.object({ role: z.string() }).parse(await callDirectus(directus, 'GET', `/users/${id}?fields=role`)).role;
}

export const suspend = (directus: Access, { id }: User): Promise<unknown> =>
  callDirectus(directus, 'PATCH', `/users/${id}`, { status: 'suspended' });
