import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../demo/report.ts';

const run = promisify(execFile);

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
  if (!(await isThere('/usr/bin/apt-get')) || !(await isThere('/usr/bin/dpkg')))
    return { missing: 'there is no redis-server, and no apt' };
  try {
    const target = join(cacheFolder(), 'redis');
    await buildOnce({ target, recipe: await recipeDigest(), report, build: (folder) => unpack(folder, report) });
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

/** With lists of its own, for those of the system may be missing, old or only root's to write. */
async function unpack(folder: string, report: Report): Promise<void> {
  report.line(`Unpacking Debian's Redis into ${cacheFolder()}: about 5 MB, once.`);
  const [lists, cache, archives] = [join(folder, 'lists'), join(folder, 'cache'), join(folder, 'archives')];
  for (const each of [join(lists, 'partial'), join(cache, 'archives/partial'), archives]) {
    await mkdir(each, { recursive: true });
  }
  const settings = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'APT::Sandbox::User=root'];
  const options = [...settings, 'Acquire::Languages=none', 'Acquire::Retries=2'].flatMap((one) => ['-o', one]);

  await report.during('1/3 apt reads what there is', () => run('apt-get', [...options, 'update']));
  const names = await neededPackages(options);
  await report.during(`2/3 apt downloads ${names.length} packages`, () =>
    run('apt-get', [...options, 'download', ...names], { cwd: archives }),
  );
  await report.during('3/3 dpkg unpacks them', async () => {
    for (const name of await readdir(archives)) await run('dpkg', ['-x', join(archives, name), folder]);
  });
  for (const each of [lists, cache, archives]) await rm(each, { recursive: true });
}

/** The server and the libraries that hardly anything else needs; the others are there. */
async function neededPackages(options: readonly string[]): Promise<string[]> {
  const relations = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (one) => `--no-${one}`,
  );
  const { stdout } = await run('apt-cache', [...options, 'depends', '--recurse', ...relations, 'redis-server']);
  const wanted = /^(redis-(server|tools)|lib(jemalloc|lua|luajit|lzf|hiredis|atomic)[\w.+-]*|lua-[\w.+-]*)$/;
  return [...new Set(stdout.split('\n').filter((line) => wanted.test(line)))];
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

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
