import { z } from 'zod';
import { callDirectus } from '../../demo/directus/call.ts';
import type { LiveWorld } from '../world/live-world.ts';
import type { User } from '../world/new-user.ts';
import { as } from '../world/use-world.ts';
import type { Named, Route } from './permission-routes.ts';

const permission = z.object({
  access: z.enum(['none', 'partial', 'full']),
  fields: z.array(z.string()).default([]),
  presets: z.record(z.string(), z.string()).nullish(),
});
const permissionsAnswer = z.object({ data: z.record(z.string(), z.record(z.string(), permission)) });
const rowsAnswer = z.object({ data: z.array(z.object({ stripe_customer_id: z.string().nullable() })) });
const itemAnswer = z.object({ data: z.object({ delete: z.object({ access: z.boolean() }) }) });
const keys = z.array(z.object({ id: z.number() }));

export type Permission = z.output<typeof permission>;

/** What Directus itself answers a caller: the oracle of the permission matrix. */
export type DirectusSays = {
  permission(need: Pick<Route, 'collection' | 'action'>): Permission | undefined;
  /** The Stripe ids in the rows that the caller reads; undefined where Directus refuses the question. */
  readable(): Promise<ReadonlySet<string> | undefined>;
  mayDeleteRowOf(customer: string): Promise<boolean>;
};

export async function askDirectus({ directus }: LiveWorld, { token }: User): Promise<DirectusSays> {
  const ask = (path: string) => fetch(directus.url + path, { headers: as(token) });
  const { data } = permissionsAnswer.parse(await (await ask('/permissions/me')).json());
  return {
    permission: ({ collection, action }) => data[collection]?.[action],
    readable: async () => {
      const response = await ask('/items/customers?fields=stripe_customer_id&limit=-1');
      if (response.status === 403) return undefined;
      const rows = rowsAnswer.parse(await response.json()).data;
      return new Set(rows.flatMap(({ stripe_customer_id: id }) => id ?? []));
    },
    mayDeleteRowOf: async (customer) => {
      const path = `/items/customers?fields=id&filter[stripe_customer_id][_eq]=${customer}`;
      const [row] = keys.parse(await callDirectus(directus, 'GET', path));
      const response = await ask(`/permissions/me/customers/${row?.id}`);
      return itemAnswer.parse(await response.json()).data.delete.access;
    },
  };
}

/** Whether the gateway must let this through, by what Directus says of permission, fields and rows. */
export async function isAllowed(route: Route, named: Named, says: DirectusSays): Promise<boolean> {
  const given = says.permission(route);
  if (given === undefined || given.access === 'none') return false;
  if (!(route.sends ?? []).every((name) => given.fields.includes('*') || given.fields.includes(name))) return false;
  if (given.access === 'full') return true;
  if (route.row === undefined) return false;
  const readable = await says.readable();
  if (route.row === 'each item') return readable !== undefined;
  const customer = named[route.row];
  return readable?.has(customer) === true && (route.action !== 'delete' || (await says.mayDeleteRowOf(customer)));
}
