import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../unit/deployment/project-file.ts';

/** What commands of a page use. `bin` is copied: beside the link to `src` it finds no older `dist`. */
const linked = ['src', 'demo', 'node_modules', '.env.example', 'gateway.example.yaml', 'gateway.schema.json'];
const copied = ['package.json', 'bin'];

/** A folder like one's own copy of the project after `npm ci`, without .env and gateway.yaml. */
export async function makeCheckout(): Promise<{ readonly folder: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'docs-'));
  for (const name of linked) await symlink(join(PROJECT, name), join(folder, name));
  for (const name of copied) await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  return { folder, stop: () => rm(folder, { recursive: true }) };
}
