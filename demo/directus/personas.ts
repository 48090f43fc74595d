import { randomBytes, randomUUID } from 'node:crypto';
import { callDirectus, createInDirectus } from './call.ts';
import { createCollections } from './collections.ts';
import type { RunningDirectus } from './start.ts';

export type PersonaName = 'reader' | 'creator' | 'writer' | 'owner' | 'nobody';

export type Persona = { name: PersonaName; does: string; email: string; password: string; token: string; id: string };

/** `owner` is missing where Directus takes no item rules: in 12 without a licence. */
export type Personas = Record<Exclude<PersonaName, 'owner'>, Persona> & Partial<Record<'owner', Persona>>;

type Seeded = Pick<RunningDirectus, 'url' | 'adminToken' | 'version'>;
type Action = 'create' | 'read' | 'update' | 'delete';
type Rule = { collection: 'customers' | 'messages'; action: Action; permissions?: object };
type Design = { does: string; rules: Rule[] };

/** What each persona may do. `customers` governs Stripe, `messages` governs Twilio. */
export const personas: Record<PersonaName, Design> = {
  reader: { does: 'reads at Stripe and Twilio, changes nothing', rules: onBoth('read') },
  creator: { does: 'creates at Stripe and Twilio, reads nothing', rules: onBoth('create') },
  writer: {
    does: 'creates, reads, updates and deletes at Stripe and Twilio',
    rules: onBoth('create', 'read', 'update', 'delete'),
  },
  owner: {
    does: 'reads the customers whose owner it is in Directus, and nothing else',
    rules: [{ collection: 'customers', action: 'read', permissions: { owner: { _eq: '$CURRENT_USER' } } }],
  },
  nobody: { does: 'can log in, and may do nothing', rules: [] },
};

/** Creates the collections `customers` and `messages` and the personas, each with a new password and static token. */
export async function seedPersonas(directus: Seeded): Promise<Personas> {
  await createCollections(directus);
  const create = (name: PersonaName) => createPersona(directus, name, personas[name]);
  const seeded: Personas = {
    reader: await create('reader'),
    creator: await create('creator'),
    writer: await create('writer'),
    nobody: await create('nobody'),
  };
  if (directus.version !== '12.4.0') seeded.owner = await create('owner');
  return seeded;
}

function onBoth(...actions: Action[]): Rule[] {
  return actions.flatMap((action): Rule[] => [
    { collection: 'customers', action },
    { collection: 'messages', action },
  ]);
}

async function createPersona(directus: Seeded, name: PersonaName, { does, rules }: Design): Promise<Persona> {
  const role = rules.length === 0 ? null : await createRole(directus, name, rules);
  const login = {
    email: `${name}@example.com`,
    password: randomBytes(12).toString('base64url'),
    token: randomUUID(),
  };
  const id = await createInDirectus(directus, '/users', { ...login, role, first_name: name });
  return { name, does, ...login, id };
}

/** Without access to the app: such users take no seat, of which 12 without a licence has three. */
async function createRole(directus: Seeded, name: PersonaName, rules: Rule[]): Promise<string> {
  const access = { name, admin_access: false, app_access: false };
  const permissions = rules.map((rule) => ({ permissions: {}, fields: ['*'], ...rule }));
  if (directus.version === '10.13.4') {
    const role = await createInDirectus(directus, '/roles', access);
    await callDirectus(
      directus,
      'POST',
      '/permissions',
      permissions.map((rule) => ({ ...rule, role })),
    );
    return role;
  }
  const policy = await createInDirectus(directus, '/policies', access);
  await callDirectus(
    directus,
    'POST',
    '/permissions',
    permissions.map((rule) => ({ ...rule, policy })),
  );
  return createInDirectus(directus, '/roles', { name, policies: [{ policy }] });
}
