import { readMe, readUserPermissions } from '@directus/sdk';
import { directusUnavailable, forbidden, GatewayError } from '../errors/gateway-error.ts';
import type { Trace } from '../tracing/trace.ts';
import type { Permissions } from './accountability.ts';
import {
  type Account,
  accountOfDirectus10,
  accounts,
  attachedPolicies,
  itemPermissions,
  type Me,
  me,
  permissions,
  rows,
  shareOrMe,
  storedPermissions,
} from './answers.ts';
import { type Ask, type Asker, type ClientSettings, command, createAsk, NoContent } from './client.ts';
import { mergePermissions, nobody } from './merge-permissions.ts';

export type Directus = {
  /** What the asker may do. Directus verifies the token with it. */
  readPermissions(asker: Asker): Promise<Permissions>;
  /** Who the asker is: for static tokens, which do not say so themselves. */
  readMe(asker: Asker): Promise<Me>;
  /** What the service token may do. Undefined without one. */
  readServicePermissions: (() => Promise<Permissions>) | undefined;
  /** A user as they are now, if they are there, read with the service token. Undefined without one. */
  readAccount: ((user: string, trace?: Trace) => Promise<Account | undefined>) | undefined;
  /**
   * The rows that the asker reads whose `field` holds one of `values`, or any value. Asked past Directus' data cache
   * (SEARCH). A field that the asker may not see is null, whatever the row holds.
   */
  readRows(asker: Asker, question: RowQuestion): Promise<Row[]>;
  /** Whether the asker may do this to the one item. */
  mayChangeItem(asker: Asker, collection: string, id: string, action: 'update' | 'delete'): Promise<boolean>;
  updateItem(asker: Asker, collection: string, id: string, values: Row): Promise<void>;
  /** Whether this is Directus 11 or later, which can be asked for one's own permissions; 10 cannot. */
  hasPolicies(): Promise<boolean>;
  /** What Directus grants without any token, read with the service token. Undefined without one. */
  readPublicPermissions: ((trace?: Trace) => Promise<Permissions>) | undefined;
  /** Whether Directus answers at all (`GET /server/ping`). */
  ping(): Promise<boolean>;
};

export type RowQuestion = {
  readonly collection: string;
  /** Fields that the answer holds beside `field`. */
  readonly and?: readonly string[];
  readonly field: string;
  readonly values?: readonly string[];
  readonly limit: number;
};
export type Row = Readonly<Record<string, unknown>>;

export type DirectusSettings = ClientSettings & {
  /** DIRECTUS_TOKEN */
  readonly serviceToken: string | undefined;
};

/**
 * Every question that the gateway has for Directus. Each fails with a GatewayError: Directus' own refusal with
 * Directus' code, and SERVICE_UNAVAILABLE for everything else, including any answer that is not understood.
 */
export function connectDirectus({ serviceToken, ...settings }: DirectusSettings): Directus {
  const { url, timeoutMs } = settings;
  const ask = createAsk(settings);

  const service: Asker = { token: serviceToken ?? '' };

  const readAccount = async (user: string, trace?: Trace): Promise<Account | undefined> => {
    const path = `/users?filter[id][_eq]=${encodeURIComponent(user)}&fields=status,role.id&limit=1`;
    const [found] = understood(accounts.safeParse(await ask(command('GET', path), { ...service, trace })));
    return found;
  };

  const readPermissionsOf = async (asker: Asker): Promise<Permissions> => {
    try {
      return understood(permissions.safeParse(await ask(readUserPermissions(), asker)));
    } catch (error) {
      if (!isFromDirectus10(error)) throw error;
      if (serviceToken === undefined) throw directusUnavailable(new Error('Directus 10 needs DIRECTUS_TOKEN.'));
      return readPermissionsOfDirectus10(ask, asker, { ...service, trace: asker.trace });
    }
  };

  return {
    readPermissions: readPermissionsOf,
    readServicePermissions: serviceToken === undefined ? undefined : () => readPermissionsOf(service),
    readMe: async (asker) => understood(me.safeParse(await ask(readMe({ fields: ['id', 'role'] }), asker))),
    readAccount: serviceToken === undefined ? undefined : readAccount,
    readRows: async (asker, { collection, and = [], field, values, limit }) => {
      const filter = { [field]: values === undefined ? { _nnull: true } : { _in: values } };
      const query = { fields: [...and, field], filter, limit };
      return understood(rows.safeParse(await ask(command('SEARCH', itemsPath(collection), { query }), asker)));
    },
    mayChangeItem: async (asker, collection, id, action) => {
      const path = `/permissions/me/${segment(collection)}/${segment(id)}`;
      return understood(itemPermissions.safeParse(await ask(command('GET', path), asker)))[action].access;
    },
    updateItem: async (asker, collection, id, values) => {
      await ask(command('PATCH', `${itemsPath(collection)}/${segment(id)}`, values), asker);
    },
    hasPolicies: async () => {
      const refused = await ask(readUserPermissions(), { token: '' }).catch((error: unknown) => error);
      if (isFromDirectus10(refused)) return false;
      if (refused instanceof GatewayError && refused.status < 500) return true;
      throw directusUnavailable(refused);
    },
    readPublicPermissions:
      serviceToken === undefined ? undefined : (trace) => readPublicPermissions(ask, { ...service, trace }),
    ping: async () => {
      const answer = await fetch(`${url}/server/ping`, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      return answer.status === 200 && (await answer.text()) === 'pong';
    },
  };
}

/** Directus' own collections are not below /items. */
const itemsPath = (collection: string): string =>
  collection.startsWith('directus_') ? `/${collection.slice('directus_'.length)}` : `/items/${segment(collection)}`;

/** A key as one segment of a path, which it cannot leave. */
function segment(key: string): string {
  if (key === '' || key === '.' || key === '..') throw forbidden('odd_key');
  return encodeURIComponent(key);
}

const isFromDirectus10 = (error: unknown): boolean => error instanceof GatewayError && error.cause instanceof NoContent;

/**
 * Directus 10 has no question for one's own permissions: the token is verified with the caller's own account, and the
 * permissions of their role are read with the service token.
 */
async function readPermissionsOfDirectus10(ask: Ask, asker: Asker, service: Asker): Promise<Permissions> {
  const { id } = understood(shareOrMe.safeParse(await ask(readMe({ fields: ['id'] }), asker)));
  if (id === undefined) return new Map(); // a share
  const userPath = `/users/${segment(id)}?fields=role.id,role.admin_access`;
  const { role } = understood(accountOfDirectus10.safeParse(await ask(command('GET', userPath), service)));
  if (role === null) return new Map();
  const path = `/permissions?filter[role][_eq]=${encodeURIComponent(role.id)}&limit=-1`;
  const stored = understood(storedPermissions.safeParse(await ask(command('GET', path), service)));
  return mergePermissions(stored, { user: id, role: role.id, admin: role.admin_access });
}

/**
 * The permissions of the policies that are attached to neither a role nor a user. A policy that is bound to addresses
 * is left out: nobody could tell here whether it would count.
 */
async function readPublicPermissions(ask: Ask, asker: Asker): Promise<Permissions> {
  const attachedPath =
    '/access?filter[role][_null]=true&filter[user][_null]=true&limit=-1&fields=policy.id,policy.ip_access';
  const attached = understood(attachedPolicies.safeParse(await ask(command('GET', attachedPath), asker)));
  const policies = attached
    .filter(({ policy }) => (policy.ip_access ?? []).length === 0)
    .map(({ policy }) => policy.id);
  if (policies.length === 0) return new Map();
  const path = `/permissions?filter[policy][_in]=${policies.join(',')}&limit=-1`;
  const stored = understood(storedPermissions.safeParse(await ask(command('GET', path), asker)));
  return mergePermissions(stored, nobody);
}

const understood = <Answer>(parsed: { success: true; data: Answer } | { success: false; error: Error }): Answer => {
  if (parsed.success) return parsed.data;
  throw directusUnavailable(parsed.error);
};
