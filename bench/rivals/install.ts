import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../../demo/child.ts';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { npmEnvironment } from '../../demo/directus/install.ts';
import type { Report } from '../../demo/report.ts';
import { NotInstalled } from '../candidates/candidate.ts';

const files = ['package.json', 'package-lock.json', 'fastify.js', 'endpoint.js'];

/**
 * The packages that only rivals need, in a folder of the user's cache together with the code that uses them: whoever
 * works on the gateway installs none of them.
 * @throws NotInstalled
 */
export async function installRivals(report: Report): Promise<string> {
  const target = join(cacheFolder(), 'bench-rivals');
  const hash = createHash('sha256');
  for (const name of files) hash.update(await readFile(join(import.meta.dirname, name)));
  await buildOnce({
    target,
    recipe: hash.digest('hex'),
    report,
    build: async (folder) => {
      for (const name of files) await copyFile(join(import.meta.dirname, name), join(folder, name));
      const child = startChild('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: folder,
        env: npmEnvironment(),
      });
      const how = await report.during('npm installs fastify and axios for the comparison', () => child.ended);
      if (how !== 'exit code 0')
        throw new NotInstalled(`npm ended with ${how}: ${child.output().trim().split('\n').at(-1)}`);
    },
  });
  return target;
}
