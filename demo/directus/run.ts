import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from '../child.ts';

/** Runs a command of the Directus CLI in `folder`. */
export async function runDirectus(...given: Parameters<typeof directusCommand>): Promise<Child> {
  const { args, ...surroundings } = await directusCommand(...given);
  return startChild(process.execPath, args, surroundings);
}

/**
 * What Node is to be started with. Its environment holds nothing of ours: a PORT, a DB_CLIENT or a CORS setting of the
 * person at the keyboard must not reach it. Its own entry point asks the registry for news first and can hang for
 * seconds without a network, so we start the file behind it.
 */
export async function directusCommand(
  command: 'bootstrap' | 'start',
  install: string,
  folder: string,
  env: Record<string, string>,
): Promise<{ args: string[]; cwd: string; env: NodeJS.ProcessEnv }> {
  const cli = join(install, 'node_modules', '@directus', 'api', 'dist', 'cli', 'run.js');
  // Without these it warns on every start.
  await mkdir(join(folder, 'extensions'), { recursive: true });
  await mkdir(join(folder, 'uploads'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{}');
  return { args: [cli, command], cwd: folder, env: { ...machine(), ...always(folder), ...env } };
}

function machine(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  return { PATH, HOME, TMPDIR, TZ };
}

function always(folder: string): Record<string, string> {
  return {
    DB_CLIENT: 'sqlite3',
    DB_FILENAME: join(folder, 'database.sqlite'),
    STORAGE_LOCATIONS: 'local',
    STORAGE_LOCAL_ROOT: join(folder, 'uploads'),
    EXTENSIONS_PATH: join(folder, 'extensions'),
    HOST: '127.0.0.1',
    TELEMETRY: 'false',
    LOG_LEVEL: 'warn',
    LOG_STYLE: 'raw',
    CACHE_ENABLED: 'false',
    RATE_LIMITER_ENABLED: 'false',
    // It answers 503 on a busy machine, which in a test looks like a fault of the gateway.
    PRESSURE_LIMITER_ENABLED: 'false',
    WEBSOCKETS_ENABLED: 'true',
    // Policies may depend on the caller's address, which the gateway passes on. Off by default from 12 on.
    IP_TRUST_PROXY: 'true',
  };
}
