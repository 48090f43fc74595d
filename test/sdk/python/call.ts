import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { python } from './install.ts';

const run = promisify(execFile);

/**
 * What one of the Python programs beside this file found out.
 * @param environment PYTHONPATH, GATEWAY, DIRECTUS_TOKEN, …
 */
export async function callPython(
  program: 'stripe_calls.py' | 'twilio_calls.py',
  args: readonly string[],
  environment: Record<string, string>,
): Promise<unknown> {
  const { stdout } = await run(python, ['-s', '-B', join(import.meta.dirname, program), ...args], { env: environment });
  return JSON.parse(stdout);
}
