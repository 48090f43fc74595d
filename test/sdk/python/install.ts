import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../../demo/report.ts';

const run = promisify(execFile);

export const python = '/usr/bin/python3';
const packages = ['python3-stripe', 'python3-twilio'];

/** Environment of a Python that has both clients, or why there is none. */
export type Python = { readonly environment: Record<string, string> } | { readonly missing: string };

/**
 * Finds the Stripe and Twilio clients of Debian and its kin: those that the system has, or else the same packages,
 * unpacked once into the user's cache folder, for which nobody has to be root.
 */
export async function installPython(report: Report = createReport()): Promise<Python> {
  const bySystem = {};
  if (await isComplete(bySystem)) return { environment: bySystem };
  if (!(await isThere(python))) return { missing: `there is no ${python}` };
  if (!(await isThere('/usr/bin/apt-get')) || !(await isThere('/usr/bin/dpkg')))
    return { missing: 'there is no apt, and `import stripe, twilio` fails' };
  try {
    const target = join(cacheFolder(), 'python');
    await buildOnce({ target, recipe: await recipeDigest(), report, build: (folder) => unpack(folder, report) });
    const unpacked = { PYTHONPATH: join(target, 'usr/lib/python3/dist-packages') };
    if (await isComplete(unpacked)) return { environment: unpacked };
    return { missing: 'the unpacked packages do not work: apt install python3-stripe python3-twilio' };
  } catch (error) {
    report.line(`Debian's Python clients could not be fetched. ${error instanceof Error ? error.message : error}`);
    return { missing: 'apt could not fetch them: apt install python3-stripe python3-twilio' };
  }
}

/** With lists of its own, for those of the system may be missing, old or only root's to write. */
async function unpack(folder: string, report: Report): Promise<void> {
  report.line(`Unpacking Debian's Stripe and Twilio clients for Python into ${cacheFolder()}: about 30 MB, once.`);
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

/** The clients and what they need of Python's; the interpreter is there. */
async function neededPackages(options: readonly string[]): Promise<string[]> {
  const relations = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (one) => `--no-${one}`,
  );
  const { stdout } = await run('apt-cache', [...options, 'depends', '--recurse', ...relations, ...packages]);
  const names = stdout.split('\n').filter((line) => /^python3-(?!minimal$|distutils$|dev$)[\w.+-]+$/.test(line));
  return [...new Set(names)];
}

/** One system's packages are good for its own Python. */
async function recipeDigest(): Promise<string> {
  const { stdout } = await run(python, [
    '-c',
    'import platform, sys; print(sys.version, platform.freedesktop_os_release())',
  ]);
  return createHash('sha256').update(stdout).update(packages.join()).digest('hex');
}

const isComplete = (environment: Record<string, string>): Promise<boolean> =>
  run(python, ['-s', '-B', '-c', 'import stripe, twilio.rest'], { env: environment }).then(
    () => true,
    () => false,
  );

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
