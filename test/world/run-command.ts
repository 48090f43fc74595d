import { execFile, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const command = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `directus-gateway` with this environment and no other, away from any .env and without a terminal. */
export async function runCommand(environment: Readonly<Record<string, string>>, ...words: string[]): Promise<Ran> {
  const options = { env: { ...environment }, cwd: tmpdir() };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, ...words], options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { code, out: stdout, err: stderr };
  }
}

/** Starts it, to be watched and stopped by the test. */
export const spawnCommand = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
  spawn(process.execPath, [command, ...words], { env: { ...environment }, cwd: tmpdir() });
