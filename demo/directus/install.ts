import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { startChild } from '../child.ts';
import { createReport, type Report } from '../report.ts';
import { buildOnce, cacheFolder } from './build-once.ts';

/** What each version takes on disk. The demo runs 11.17.4; the others are there for the tests. */
const MEGABYTES = { '10.13.4': 510, '11.17.4': 830, '12.4.0': 730 };

export type DirectusVersion = keyof typeof MEGABYTES;

const RECIPE_FILES = ['package.json', 'package-lock.json'];
const SHOWN_LINES = 30;

/**
 * Installs a real Directus once per machine into the user's cache folder and returns the folder.
 * @throws with the end of npm's output when it fails
 */
export async function installDirectus(version: DirectusVersion, report: Report = createReport()): Promise<string> {
  const target = installFolder(version);
  const recipe = await recipeDigest(version);
  await buildOnce({ target, recipe, report, build: (folder) => install(version, folder, report) });
  return target;
}

/** The binaries inside are good for one major version of Node. */
function installFolder(version: DirectusVersion): string {
  return join(cacheFolder(), `directus-${version}-node${process.versions.node.split('.')[0]}`);
}

export async function recipeDigest(version: DirectusVersion): Promise<string> {
  const hash = createHash('sha256');
  for (const name of RECIPE_FILES) hash.update(await readFile(join(import.meta.dirname, version, name)));
  return hash.digest('hex');
}

async function install(version: DirectusVersion, folder: string, report: Report): Promise<void> {
  const size = `about ${MEGABYTES[version]} MB on disk, one to five minutes, once per machine`;
  report.line(`Directus ${version} is not here yet. Installing it into ${installFolder(version)}: ${size}.`);
  for (const name of RECIPE_FILES) await copyFile(join(import.meta.dirname, version, name), join(folder, name));

  await report.during(`1/2 npm downloads and unpacks Directus ${version}`, () =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], version, folder),
  );
  await report.during('2/2 npm fetches or compiles SQLite for this machine', () =>
    run('npm', ['rebuild', 'sqlite3'], version, folder),
  );
  // Some versions of npm skip an install script and still end with success.
  await run(process.execPath, ['--eval', "require('sqlite3')"], version, folder);
  report.line(`Directus ${version} is installed.`);
}

async function run(program: string, args: string[], version: DirectusVersion, cwd: string): Promise<void> {
  const child = startChild(program, args, { cwd, env: npmEnvironment() });
  const how = await child.ended;
  if (how === 'exit code 0') return;
  const tail = child.output().trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new Error(
    `Directus ${version} could not be installed: \`${program} ${args.join(' ')}\` ended with ${how}.\n${tail}`,
  );
}

/** npm and what it compiles must use the Node that this process runs on, and not take this project's folder for theirs. */
export function npmEnvironment(): NodeJS.ProcessEnv {
  const ofThisRun = /^npm_(package|lifecycle|node_execpath|config_(local_prefix|omit|include|allow_scripts)$)/;
  const inherited = Object.entries(process.env).filter(([name]) => !ofThisRun.test(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
  };
}
