import { z } from 'zod';

/** Whose answers may have ceased to be true: everybody's, or those of some users, by id in lower case. */
export type Concerned = 'everybody' | readonly string[];

/** As many rows as Directus names in one event; where there are that many, there may be more. */
export const mostNamed = 100;

/** Directus takes a UUID in any case, and names the key of a row that has ended as it was asked for. */
const key = z.string().transform((id) => id.toLowerCase());

const named = {
  /** A change names rows, the end of a row its key. */
  directus_users: z.array(z.union([z.object({ id: key }).transform(({ id }) => id), key])),
  directus_activity: z.array(z.object({ user: key }).transform(({ user }) => user)),
} as const;

/**
 * Whom an event of Directus is about. What a user may do rests on themselves, and on what is for many; whatever is not
 * plainly about some users is about everybody.
 * @param data as the event bears it
 */
export function concernedBy(collection: string | undefined, data: unknown): Concerned {
  if (collection !== 'directus_users' && collection !== 'directus_activity') return 'everybody';
  const users = named[collection].safeParse(data).data;
  return users === undefined || users.length === 0 || users.length >= mostNamed ? 'everybody' : users;
}
