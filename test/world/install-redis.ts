import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../demo/report.ts';
import { hasApt, unpackDebian } from './debian-packages.ts';

const run = promisify(execFile);

/** The server and the libraries that hardly anything else needs; the others are there. */
const wanted = /^(redis-(server|tools)|lib(jemalloc|lua|luajit|lzf|hiredis|atomic)[\w.+-]*|lua-[\w.+-]*)$/;

/** How to start a Redis, or why there is none. */
export type InstalledRedis =
  | { readonly command: string; readonly environment: Record<string, string> }
  | { readonly missing: string };

/**
 * Finds Redis: the one that the system has, or else that of Debian and its kin, unpacked once into the user's cache
 * folder, for which nobody has to be root.
 */
export async function installRedis(report: Report = createReport()): Promise<InstalledRedis> {
  const bySystem = { command: 'redis-server', environment: {} };
  if (await works(bySystem)) return bySystem;
  if (!(await hasApt())) return { missing: 'there is no redis-server, and no apt' };
  const unpack = async (folder: string) => {
    report.line(`Unpacking Debian's Redis into ${cacheFolder()}: about 5 MB, once.`);
    await unpackDebian(folder, { packages: ['redis-server'], wanted }, report);
  };
  try {
    const target = join(cacheFolder(), 'redis');
    await buildOnce({ target, recipe: await recipeDigest(), report, build: unpack });
    const libraries = await foldersOf(join(target, 'usr/lib'));
    const unpacked = {
      command: join(target, 'usr/bin/redis-server'),
      environment: { LD_LIBRARY_PATH: libraries.join(':') },
    };
    if (await works(unpacked)) return unpacked;
    return { missing: 'the unpacked packages do not work: apt install redis-server' };
  } catch (error) {
    report.line(`Debian's Redis could not be fetched. ${error instanceof Error ? error.message : error}`);
    return { missing: 'apt could not fetch it: apt install redis-server' };
  }
}

/** One system's packages are good for itself alone. */
const recipeDigest = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile('/etc/os-release'))
    .update(process.arch)
    .digest('hex');

/** A folder and those in it, one level down: libraries stand below the name of the machine. */
async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return [folder, ...entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))];
}

const works = ({ command, environment }: { command: string; environment: Record<string, string> }): Promise<boolean> =>
  run(command, ['--version'], { env: { ...process.env, ...environment } }).then(
    () => true,
    () => false,
  );
