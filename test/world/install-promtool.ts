import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../demo/report.ts';
import { hasApt, unpackDebian } from './debian-packages.ts';

const run = promisify(execFile);

/** Prometheus' own checker, or why there is none. */
export type Promtool = { readonly program: string } | { readonly missing: string };

/** The system's promtool, or else that of Debian's package, unpacked once into the user's cache folder. */
export async function installPromtool(report: Report = createReport()): Promise<Promtool> {
  if (await works('promtool')) return { program: 'promtool' };
  if (!(await hasApt())) return { missing: 'there is no promtool, and no apt' };
  const unpack = async (folder: string) => {
    report.line(`Unpacking Debian's Prometheus into ${cacheFolder()}: about 40 MB, once.`);
    await unpackDebian(folder, { packages: ['prometheus'], wanted: /^prometheus$/ }, report);
  };
  try {
    const target = join(cacheFolder(), 'prometheus');
    await buildOnce({ target, recipe: await recipeDigest(), report, build: unpack });
    const program = join(target, 'usr/bin/promtool');
    return (await works(program)) ? { program } : { missing: 'the unpacked promtool does not run' };
  } catch {
    return { missing: 'apt could not fetch it: apt install prometheus' };
  }
}

/** One system's packages are good for itself alone. */
const recipeDigest = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile('/etc/os-release'))
    .update(process.arch)
    .digest('hex');

const works = (program: string): Promise<boolean> =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  );
