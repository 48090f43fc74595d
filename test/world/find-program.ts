import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../demo/report.ts';
import { type DebianPackages, hasApt, unpackDebian } from './debian-packages.ts';

const run = promisify(execFile);

/** A program, and the environment that it is started in. */
export type Program = { readonly program: string; readonly env: NodeJS.ProcessEnv };

/** Or why there is none. */
export type FoundProgram = Program | { readonly missing: string };

export type WantedProgram = DebianPackages & {
  readonly name: string;
  /** Where its package has it. */
  readonly path: `/usr/${string}`;
  /** Makes it tell its version. */
  readonly versionArgument: string;
  /** What it needs beside its libraries where its packages were unpacked into this folder. */
  readonly environment?: (folder: string) => NodeJS.ProcessEnv;
};

/** A program of the system, or else that of its Debian package, unpacked once into the user's cache folder. */
export async function findProgram(wanted: WantedProgram, report: Report = createReport()): Promise<FoundProgram> {
  const { name, path, packages, versionArgument, environment = () => ({}) } = wanted;
  for (const program of [name, path]) {
    const ofTheSystem = { program, env: process.env };
    if (await works(ofTheSystem, versionArgument)) return ofTheSystem;
  }
  if (!(await hasApt())) return { missing: `there is no ${name}, and no apt` };
  const target = join(cacheFolder(), name);
  const unpack = async (folder: string) => {
    report.line(`Unpacking Debian's ${name} into ${target}, once.`);
    await unpackDebian(folder, wanted, report);
  };
  try {
    await buildOnce({ target, recipe: await recipeOf(wanted), report, build: unpack });
    const libraries = await foldersOfLibraries(join(target, 'usr/lib'));
    const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), ...environment(target) };
    const unpacked = { program: join(target, path), env };
    if (await works(unpacked, versionArgument)) return unpacked;
    return { missing: `the unpacked ${name} does not run: apt install ${packages.join(' ')}` };
  } catch (error) {
    report.line(`Debian's ${name} could not be fetched. ${error instanceof Error ? error.message : error}`);
    return { missing: `there is no ${name}, and apt could not fetch it: apt install ${packages.join(' ')}` };
  }
}

/** One system's packages are good for itself alone. */
const recipeOf = async ({ packages, wanted }: DebianPackages): Promise<string> =>
  createHash('sha256')
    .update(await readFile('/etc/os-release'))
    .update(JSON.stringify([process.arch, packages, wanted.source]))
    .digest('hex');

/** Libraries stand below the name of the machine, and some in a folder of their own. */
async function foldersOfLibraries(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return [...new Set(entries.filter(({ name }) => name.includes('.so')).map(({ parentPath }) => parentPath))];
}

/** Whatever the exit code: wrk prints its version and ends with 1 for want of an address. */
const works = ({ program, env }: Program, versionArgument: string): Promise<boolean> =>
  run(program, [versionArgument], { env }).then(
    () => true,
    (error: { stdout?: string }) => (error.stdout ?? '') !== '',
  );
