import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../demo/directus/build-once.ts';
import { createReport } from '../demo/report.ts';
import { type DebianPackages, hasApt, unpackDebian } from '../test/world/debian-packages.ts';

const run = promisify(execFile);

export type Program = { readonly program: string; readonly env: NodeJS.ProcessEnv };

type Wanted = DebianPackages & {
  readonly name: string;
  readonly versionArgument: string;
};

/** A program of the system, or else that of its Debian package, unpacked once into the user's cache folder. */
export async function findProgram({
  name,
  versionArgument,
  ...which
}: Wanted): Promise<Program | { readonly missing: string }> {
  const ofTheSystem = { program: name, env: process.env };
  if (await works(ofTheSystem, versionArgument)) return ofTheSystem;
  if (!(await hasApt())) return { missing: `there is no ${name}` };
  try {
    const target = join(cacheFolder(), name);
    const system = await readFile('/etc/os-release', 'utf8');
    const recipe = createHash('sha256').update(`1 ${system}`).digest('hex');
    const report = createReport();
    await buildOnce({ target, recipe, report, build: (folder) => unpackDebian(folder, which, report) });
    const libraries = join(target, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
    const unpacked = { program: join(target, 'usr/bin', name), env: { ...process.env, LD_LIBRARY_PATH: libraries } };
    return (await works(unpacked, versionArgument)) ? unpacked : { missing: `the unpacked ${name} does not run` };
  } catch {
    return { missing: `there is no ${name}, and apt could not fetch it` };
  }
}

/** Whatever the exit code: wrk prints its version and ends with 1 for want of an address. */
const works = ({ program, env }: Program, versionArgument: string): Promise<boolean> =>
  run(program, [versionArgument], { env }).then(
    () => true,
    (error: { stdout?: string }) => (error.stdout ?? '') !== '',
  );
