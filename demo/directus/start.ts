import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { createReport, type Report } from '../report.ts';
import { untilItAnswers } from '../until-it-answers.ts';
import { callDirectus } from './call.ts';
import { type DirectusVersion, installDirectus } from './install.ts';
import { type Keys, newKeys, readKeys, writeKeys } from './keys.ts';
import { runDirectus } from './run.ts';
import { copyTemplate } from './template.ts';

export type RunningDirectus = Keys & {
  url: string;
  version: DirectusVersion;
  folder: string;
  /** Resolves with the way it ended, if it ends without having been stopped. */
  died: Promise<string>;
  logs(): string;
  /** Ends it and removes the folder, unless the folder was given. */
  stop(): Promise<void>;
};

type Options = {
  version: DirectusVersion;
  port?: number;
  /** One that a Directus ran in before is started again with its data; by default a new one that `stop` removes. */
  folder?: string;
  /** Further environment for Directus. */
  env?: Record<string, string>;
  report?: Report;
};

/** Starts a real Directus on 127.0.0.1, installing it first where needed, and waits until it answers. */
export async function startDirectus(options: Options): Promise<RunningDirectus> {
  const { version, report = createReport() } = options;
  // Before an installation that takes minutes.
  const port = await freePort(options.port, 'DEMO_DIRECTUS_PORT');
  const install = await installDirectus(version, report);
  const place =
    options.folder === undefined ? await temporaryPlace() : { folder: options.folder, remove: async () => {} };
  try {
    const before = await readKeys(place.folder);
    if (!before) await copyTemplate(version, install, place.folder, report);
    const keys = before ?? newKeys();
    const url = `http://127.0.0.1:${port}`;
    const env = { PORT: String(port), PUBLIC_URL: url, SECRET: keys.secret, ...options.env };
    const child = await runDirectus('start', install, place.folder, env);
    try {
      await report.during(`Directus ${version} starts`, () => untilItAnswers(`${url}/server/ping`, child));
      if (!before) await replaceKeys(url, place.folder, keys);
    } catch (error) {
      await child.stop();
      throw error;
    }
    const stop = async () => {
      await child.stop();
      await place.remove();
    };
    return { ...keys, url, version, folder: place.folder, died: child.died, logs: child.output, stop };
  } catch (error) {
    await place.remove();
    throw error;
  }
}

/** The copied database still has the admin of the template, whose token opens the door once. */
async function replaceKeys(url: string, folder: string, keys: Keys): Promise<void> {
  const old = await readKeys(folder);
  if (!old) throw new Error(`${folder} holds no keys of the template.`);
  await callDirectus({ url, adminToken: old.adminToken }, 'PATCH', '/users/me', {
    email: keys.adminEmail,
    password: keys.adminPassword,
    token: keys.adminToken,
  });
  await writeKeys(folder, keys);
}

async function temporaryPlace(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'directus-'));
  const atExit = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', atExit);
  return {
    folder,
    remove: async () => {
      process.off('exit', atExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
