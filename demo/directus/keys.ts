import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../error-code.ts';

const schema = z.object({
  secret: z.string(),
  adminEmail: z.string(),
  adminPassword: z.string(),
  adminToken: z.string(),
});

/** What it takes to use a Directus folder: kept beside its database, so that the folder can be started again. */
export type Keys = z.infer<typeof schema>;

export function newKeys(): Keys {
  return {
    secret: randomBytes(32).toString('base64url'),
    adminEmail: 'admin@example.com',
    adminPassword: randomBytes(12).toString('base64url'),
    adminToken: randomUUID(),
  };
}

/** The keys of a folder; none when no Directus was ever started in it. */
export async function readKeys(folder: string): Promise<Keys | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(keysFile(folder), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeKeys(folder: string, keys: Keys): Promise<void> {
  await writeFile(keysFile(folder), JSON.stringify(keys), { mode: 0o600 });
}

function keysFile(folder: string): string {
  return join(folder, 'keys.json');
}
