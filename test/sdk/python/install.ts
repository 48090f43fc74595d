import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../../demo/directus/build-once.ts';
import { createReport, type Report } from '../../../demo/report.ts';
import { hasApt, isThere, unpackDebian } from '../../world/debian-packages.ts';

const run = promisify(execFile);

export const python = '/usr/bin/python3';
const packages = ['python3-stripe', 'python3-twilio'];

/** The clients and what they need of Python's; the interpreter is there. */
const wanted = /^python3-(?!minimal$|distutils$|dev$)[\w.+-]+$/;

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
  if (!(await hasApt())) return { missing: 'there is no apt, and `import stripe, twilio` fails' };
  const unpack = async (folder: string) => {
    report.line(`Unpacking Debian's Stripe and Twilio clients for Python into ${cacheFolder()}: about 30 MB, once.`);
    await unpackDebian(folder, { packages, wanted }, report);
  };
  try {
    const target = join(cacheFolder(), 'python');
    await buildOnce({ target, recipe: await recipeDigest(), report, build: unpack });
    const unpacked = { PYTHONPATH: join(target, 'usr/lib/python3/dist-packages') };
    if (await isComplete(unpacked)) return { environment: unpacked };
    return { missing: 'the unpacked packages do not work: apt install python3-stripe python3-twilio' };
  } catch (error) {
    report.line(`Debian's Python clients could not be fetched. ${error instanceof Error ? error.message : error}`);
    return { missing: 'apt could not fetch them: apt install python3-stripe python3-twilio' };
  }
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
