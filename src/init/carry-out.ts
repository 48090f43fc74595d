import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Call, CallError, understoodAs } from '../directus/call.ts';
import type { Existing } from './plan.ts';
import type { NewField, Step } from './step.ts';

export type Outcome = {
  readonly done: readonly Step[];
  /** The step that failed, after which nothing was tried. */
  readonly failed?: { readonly step: Step; readonly error: CallError };
  readonly left: readonly Step[];
  /** The static token of the user that was created. */
  readonly token?: string;
};

/**
 * Creates one thing after another and stops at the first failure. Each thing is one call, which Directus does whole or
 * not at all: whoever plans anew goes on where this stopped.
 * @param onDone called after each
 */
export async function carryOut(
  steps: readonly Step[],
  { policies }: Existing,
  call: Call,
  onDone: (step: Step) => void,
): Promise<Outcome> {
  const ids = new Map([...policies].map(([name, { id }]) => [name, id]));
  const done: Step[] = [];
  let token: string | undefined;
  const outcome = () => ({ done, left: steps.slice(done.length), ...(token !== undefined && { token }) });

  for (const step of steps) {
    const fresh = randomBytes(32).toString('base64url');
    try {
      const { path, body } = requestOf(step, ids, fresh);
      const created = await call('POST', path, body);
      if (step.kind === 'policy') ids.set(step.name, idOf(created));
      if (step.kind === 'user') token = fresh;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return { ...outcome(), failed: { step, error } };
    }
    done.push(step);
    onDone(step);
  }
  return outcome();
}

function requestOf(step: Step, ids: ReadonlyMap<string, string>, token: string): { path: string; body: object } {
  switch (step.kind) {
    case 'folder': {
      const meta = { icon: step.icon, note: step.note, hidden: true };
      return { path: '/collections', body: { collection: step.name, schema: null, meta } };
    }
    case 'collection': {
      const { name, icon, note, hidden, folder, fields, key, isUntracked = false } = step;
      const meta = { icon, note, hidden, group: folder ?? null, ...(isUntracked && { accountability: null }) };
      return {
        path: '/collections',
        body: {
          collection: name,
          schema: {},
          meta,
          fields: [key === 'uuid' ? uuidKey : primaryKey, ...fields.map(column)],
        },
      };
    }
    case 'field':
      return { path: `/fields/${encodeURIComponent(step.collection)}`, body: column(step) };
    case 'policy': {
      const { name, icon, description, reads, creates = [], ipAccess } = step;
      const access = { admin_access: false, app_access: false, ip_access: ipAccess ?? null };
      const permissions = [...reads.map((each) => may('read', each)), ...creates.map((each) => may('create', each))];
      return { path: '/policies', body: { name, icon, description, ...access, permissions } };
    }
    case 'permission':
      return { path: '/permissions', body: { policy: known(ids, step.policy), ...may(step.action, step.collection) } };
    case 'user': {
      const policies = step.policies.map((name) => ({ policy: known(ids, name) }));
      return { path: '/users', body: { first_name: step.name, description: step.description, token, policies } };
    }
  }
}

const primaryKey = {
  field: 'id',
  type: 'integer',
  meta: { hidden: true, readonly: true, interface: 'input' },
  schema: { is_primary_key: true, has_auto_increment: true },
};

/** By which Data Studio shows them. */
const interfaces: Readonly<Record<NewField['type'], string>> = {
  string: 'input',
  text: 'input-multiline',
  integer: 'input',
  timestamp: 'datetime',
  json: 'input-code',
};

/** Whoever creates an item names its key. */
const uuidKey = {
  field: 'id',
  type: 'uuid',
  meta: { hidden: true, readonly: true, interface: 'input' },
  schema: { is_primary_key: true },
};

const column = ({ name, type, note }: NewField) => ({
  field: name,
  type,
  meta: {
    note: note ?? null,
    interface: interfaces[type],
    ...(type === 'json' && { special: ['cast-json'] }),
  },
  schema: {},
});

const may = (action: 'read' | 'create', collection: string) => ({ collection, action, fields: ['*'], permissions: {} });

function known(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new CallError(`Directus knows no policy ${name}.`);
  return id;
}

const idOf = (created: unknown): string => understoodAs(z.object({ id: z.string() }), created).id;
