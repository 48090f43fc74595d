import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { errorCode } from '../error-code.ts';
import type { Report } from '../report.ts';
import { isAlive, takeLock } from './lock.ts';

const MARKER = '.recipe';

type Building = { target: string; recipe: string; report: Report; build: (folder: string) => Promise<void> };

/** The user's cache folder of this project (XDG base directory specification). */
export function cacheFolder(): string {
  const root = process.env.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(root) ? root : join(homedir(), '.cache'), 'directus-gateway');
}

/**
 * Makes a folder once per machine and recipe. `build` fills a new folder beside `target`, which becomes `target` by a
 * rename: nobody ever sees a half-built one. A changed `recipe` (a digest of what it is built from) builds it anew.
 */
export async function buildOnce({ target, recipe, report, build }: Building): Promise<void> {
  if (await isBuilt(target, recipe)) return;
  await mkdir(dirname(target), { recursive: true });
  const waiting = `Waiting for another process that makes ${basename(target)}`;
  const release = await report.during(waiting, () => takeLock(`${target}.lock`));
  const folder = `${target}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    if (await isBuilt(target, recipe)) return;
    await removeLeftovers(target);
    await mkdir(folder, { mode: 0o700 });
    await build(folder);
    await writeFile(join(folder, MARKER), recipe);
    await replace(target, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await release();
  }
}

async function isBuilt(target: string, recipe: string): Promise<boolean> {
  return (await readFile(join(target, MARKER), 'utf8').catch(() => undefined)) === recipe;
}

async function replace(target: string, folder: string): Promise<void> {
  const old = `${folder}-old`;
  await rename(target, old).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rename(folder, target);
  await rm(old, { recursive: true, force: true });
}

/** A process that was killed while it built leaves hundreds of megabytes behind. What will not go stays for the next time. */
async function removeLeftovers(target: string): Promise<void> {
  const prefix = `${basename(target)}.new-`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(dirname(target), name), { recursive: true, force: true }).catch(() => {});
  }
}
