import { cp, mkdir } from 'node:fs/promises';
import type { Report } from '../report.ts';
import { buildOnce } from './build-once.ts';
import { type DirectusVersion, recipeDigest } from './install.ts';
import { newKeys, writeKeys } from './keys.ts';
import { runDirectus } from './run.ts';

/** Part of the template's recipe: raise it when what `bootstrap` makes changes. */
const REVISION = 1;

/**
 * Fills `folder` with a bootstrapped database and its keys. Bootstrapping takes seconds, so it is done once per
 * version and copied. Whoever starts the copy replaces its keys: those of the template are on the disk for good.
 */
export async function copyTemplate(
  version: DirectusVersion,
  install: string,
  folder: string,
  report: Report,
): Promise<void> {
  const target = `${install}-template`;
  const recipe = `${await recipeDigest(version)} ${REVISION}`;
  await buildOnce({ target, recipe, report, build: (fresh) => bootstrap(version, install, fresh, report) });
  await mkdir(folder, { recursive: true });
  await cp(target, folder, { recursive: true });
}

async function bootstrap(version: DirectusVersion, install: string, folder: string, report: Report): Promise<void> {
  const keys = newKeys();
  const child = await runDirectus('bootstrap', install, folder, {
    SECRET: keys.secret,
    ADMIN_EMAIL: keys.adminEmail,
    ADMIN_PASSWORD: keys.adminPassword,
    ADMIN_TOKEN: keys.adminToken,
  });
  const how = await report.during(`Directus ${version} makes its database`, () => child.ended);
  if (how !== 'exit code 0') {
    throw new Error(
      `Directus ${version} could not make its database: \`directus bootstrap\` ended with ${how}.\n${child.output()}`,
    );
  }
  await writeKeys(folder, keys);
}
