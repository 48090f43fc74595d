import { execFile } from 'node:child_process';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Report } from '../../demo/report.ts';

const run = promisify(execFile);

export type DebianPackages = {
  /** With all that they depend on. */
  readonly packages: readonly string[];
  /** Which of those names are wanted: the others are there. */
  readonly wanted: RegExp;
};

/** Whether packages of Debian and its kin can be fetched and unpacked. */
export const hasApt = async (): Promise<boolean> =>
  (await isThere('/usr/bin/apt-get')) && (await isThere('/usr/bin/dpkg'));

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Unpacks packages into a folder, for which nobody has to be root. With lists of its own, for those of the system may be
 * missing, old or only root's to write.
 */
export async function unpackDebian(folder: string, which: DebianPackages, report: Report): Promise<void> {
  const [lists, cache, archives] = [join(folder, 'lists'), join(folder, 'cache'), join(folder, 'archives')];
  for (const each of [join(lists, 'partial'), join(cache, 'archives/partial'), archives]) {
    await mkdir(each, { recursive: true });
  }
  const settings = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'APT::Sandbox::User=root'];
  const options = [...settings, 'Acquire::Languages=none', 'Acquire::Retries=2'].flatMap((one) => ['-o', one]);

  await report.during('1/3 apt reads what there is', () => run('apt-get', [...options, 'update']));
  const names = await neededPackages(options, which);
  await report.during(`2/3 apt downloads ${names.length} packages`, () =>
    run('apt-get', [...options, 'download', ...names], { cwd: archives }),
  );
  await report.during('3/3 dpkg unpacks them', async () => {
    for (const name of await readdir(archives)) await run('dpkg', ['-x', join(archives, name), folder]);
  });
  for (const each of [lists, cache, archives]) await rm(each, { recursive: true });
}

async function neededPackages(options: readonly string[], { packages, wanted }: DebianPackages): Promise<string[]> {
  const relations = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (one) => `--no-${one}`,
  );
  const { stdout } = await run('apt-cache', [...options, 'depends', '--recurse', ...relations, ...packages]);
  return [...new Set(stdout.split('\n').filter((line) => wanted.test(line)))];
}
