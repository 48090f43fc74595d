import { z } from 'zod';
import { type Call, CallError, understoodAs } from '../directus/call.ts';
import type { Existing, ExistingPolicy } from './plan.ts';

/**
 * What is in Directus.
 * @param policyNames the policies that are looked for
 * @throws CallError; also where the token is not an administrator's, who alone sees everything and may create
 */
export async function readExisting(call: Call, policyNames: readonly string[]): Promise<Existing> {
  const { isAdministrator, hasPolicies } = await readRights(call);
  if (!isAdministrator) {
    throw new CallError(
      'The token is not an administrator’s. Only a user with admin access (in Directus 11 and later: with a policy that has it) may create collections and policies.',
      'FORBIDDEN',
    );
  }
  const [version, collections, policies] = await Promise.all([
    readVersion(call),
    readCollections(call),
    hasPolicies ? readPolicies(call, policyNames) : new Map<string, ExistingPolicy>(),
  ]);
  return { version, hasPolicies, collections, policies };
}

/** Whether the bearer of the token is an administrator, and whether this Directus has policies: from 11 on. */
export async function readRights(call: Call): Promise<{ isAdministrator: boolean; hasPolicies: boolean }> {
  await call('GET', '/users/me?fields=id'); // refuses a token that is not good, in every version
  try {
    const { admin_access } = understoodAs(globals, await call('GET', '/policies/me/globals'));
    return { isAdministrator: admin_access, hasPolicies: true };
  } catch (error) {
    if (!(error instanceof CallError) || (error.status !== 404 && error.status !== 403)) throw error;
  }
  const { role } = understoodAs(userOfDirectus10, await call('GET', '/users/me?fields=role.admin_access'));
  return { isAdministrator: role?.admin_access ?? false, hasPolicies: false };
}

/** Undefined where Directus does not tell it. */
export const readVersion = async (call: Call): Promise<string | undefined> =>
  serverInfo.safeParse(await call('GET', '/server/info')).data?.version;

/** Every collection that the bearer of the token sees, with its fields. */
export async function readCollections(call: Call): Promise<Existing['collections']> {
  const [found, fields] = await Promise.all([call('GET', '/collections'), call('GET', '/fields')]);
  const byCollection = Map.groupBy(understoodAs(fieldList, fields), ({ collection }) => collection);
  return new Map(
    understoodAs(collectionList, found).map(({ collection, schema }) => [
      collection,
      {
        isFolder: schema === null || schema === undefined,
        fields: byCollection.get(collection)?.map(({ field }) => field) ?? [],
        keyType: byCollection.get(collection)?.find(({ schema }) => schema?.is_primary_key)?.type,
      },
    ]),
  );
}

async function readPolicies(call: Call, names: readonly string[]): Promise<Map<string, ExistingPolicy>> {
  const filter = JSON.stringify({ name: { _in: names } });
  const fields = 'id,name,permissions.collection,permissions.action,users.user';
  const answer = await call('GET', `/policies?limit=-1&fields=${fields}&filter=${encodeURIComponent(filter)}`);
  const found = understoodAs(policyList, answer).map(({ id, name, permissions, users }): [string, ExistingPolicy] => [
    name,
    {
      id,
      reads: permissions.filter(({ action }) => action === 'read').map(({ collection }) => collection),
      creates: permissions.filter(({ action }) => action === 'create').map(({ collection }) => collection),
      users: users.filter(({ user }) => user !== null).length,
    },
  ]);
  return new Map(found.sort(([one], [other]) => names.indexOf(one) - names.indexOf(other)));
}

const globals = z.object({ admin_access: z.boolean() });
const userOfDirectus10 = z.object({ role: z.object({ admin_access: z.boolean() }).nullish() });
const serverInfo = z.object({ version: z.string() });
const collectionList = z.array(z.object({ collection: z.string(), schema: z.unknown() }));
const fieldList = z.array(
  z.object({
    collection: z.string(),
    field: z.string(),
    type: z.string().optional(),
    schema: z.object({ is_primary_key: z.boolean().optional() }).nullish(),
  }),
);
const policyList = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    permissions: z.array(z.object({ collection: z.string(), action: z.string() })),
    users: z.array(z.object({ user: z.unknown() })),
  }),
);
