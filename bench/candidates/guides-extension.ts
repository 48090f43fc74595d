import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installDirectus } from '../../demo/directus/install.ts';
import { seedPersonas } from '../../demo/directus/personas.ts';
import { directusCommand } from '../../demo/directus/run.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { freePort } from '../../demo/free-port.ts';
import { customerPath } from '../answers.ts';
import { installRivals } from '../rivals/install.ts';
import { startProcess } from '../start-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Candidate, NotInstalled, type Running, type Site } from './candidate.ts';

const version = '11.17.4';
const manifest = {
  name: 'directus-extension-bench',
  version: '1.0.0',
  type: 'module',
  'directus:extension': { type: 'endpoint', path: 'endpoint.js', source: 'endpoint.js', host: '^11.0.0' },
};

/** The same inside of Directus, as its guides have one write it. */
export const guidesExtension: Candidate = {
  name: 'guides-extension',
  does: `an endpoint extension in Directus ${version}, as its guides build theirs: fetch asks Directus for the permission, axios the upstream`,
  start: async (site) => {
    const { report } = site;
    const rivals = await installRivals(report);
    const install = await installDirectus(version, report).catch((error: Error) => {
      throw new NotInstalled(error.message.split('\n')[0]);
    });
    const folder = await temporaryFolder('directus');
    // Its users are made by one that is not pinned and goes again: what is measured has only what it needs in memory.
    const directus = await startDirectus({ version, folder, report });
    const { reader } = await seedPersonas(directus).finally(directus.stop);
    await addExtension(folder, rivals);
    return startMeasured(site, { install, directus, token: reader.token });
  },
};

async function addExtension(folder: string, rivals: string): Promise<void> {
  const extension = join(folder, 'extensions', manifest.name);
  await mkdir(extension, { recursive: true });
  await writeFile(join(extension, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(extension, 'endpoint.js'),
    `export { default } from ${JSON.stringify(join(rivals, 'endpoint.js'))};\n`,
  );
  await symlink(join(rivals, 'node_modules'), join(extension, 'node_modules'));
}

type Seeded = { readonly install: string; readonly directus: RunningDirectus; readonly token: string };

async function startMeasured({ cores, surroundings }: Site, { install, directus, token }: Seeded): Promise<Running> {
  const { folder, secret } = directus;
  const port = await freePort(undefined, 'PORT');
  const address = `http://127.0.0.1:${port}`;
  const { args, cwd, env } = await directusCommand('start', install, folder, {
    PORT: String(port),
    PUBLIC_URL: address,
    SECRET: secret,
    LOG_LEVEL: 'info', // Directus' own default, as the gateway logs too
    WEBSOCKETS_ENABLED: 'false',
    BENCH_UPSTREAM: surroundings.upstream,
    BENCH_UPSTREAM_KEY: 'key-of-the-upstream',
  });
  const running = await startProcess({
    name: 'Directus',
    cores,
    place: 'candidate',
    program: process.execPath,
    args,
    cwd,
    env,
    readyAt: `${address}/server/ping`,
    withinMs: 90_000,
  });
  const headers = { Authorization: `Bearer ${token}` };
  return { target: { url: `${address}/bench${customerPath}`, headers }, ...running };
}
