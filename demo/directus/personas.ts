import { randomBytes, randomUUID } from 'node:crypto';
import { createInDirectus } from './call.ts';
import { createCollections } from './collections.ts';
import { createRole, type Rule, type Seeded } from './create-role.ts';

export type PersonaName = 'reader' | 'creator' | 'writer' | 'owner' | 'nobody';

export type Persona = { name: PersonaName; does: string; email: string; password: string; token: string; id: string };

/** `owner` is missing where Directus takes no item rules: in 12 without a licence. */
export type Personas = Record<Exclude<PersonaName, 'owner'>, Persona> & Partial<Record<'owner', Persona>>;

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

function onBoth(...actions: Rule['action'][]): Rule[] {
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
