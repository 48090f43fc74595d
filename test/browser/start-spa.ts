import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../demo/child.ts';
import { untilItAnswers } from '../../demo/until-it-answers.ts';

const project = join(import.meta.dirname, '..', '..');
const vite = join(project, 'node_modules', 'vite', 'bin', 'vite.js');
const spa = join(project, 'examples', 'spa');

export type SpaSettings = {
  readonly mode: 'json' | 'cookie' | 'session';
  readonly directusUrl: string;
  readonly gatewayUrl: string;
  readonly twilioAccountSid: string;
};

/** examples/spa as it is built for its users, at this port. */
export async function startSpa({ mode, directusUrl, gatewayUrl, twilioAccountSid }: SpaSettings, port: number) {
  const folder = await mkdtemp(join(tmpdir(), 'spa-'));
  const env = {
    ...process.env, // wins over a .env that somebody tries the example with
    NODE_ENV: 'production',
    VITE_SIGN_IN: mode,
    VITE_DIRECTUS_URL: directusUrl,
    VITE_GATEWAY_URL: gatewayUrl,
    VITE_TWILIO_ACCOUNT_SID: twilioAccountSid,
  };
  const start = (...args: string[]) => startChild(process.execPath, [vite, ...args], { cwd: project, env });
  const build = start('build', spa, '--outDir', folder, '--emptyOutDir');
  const how = await build.ended;
  if (how !== 'exit code 0') throw new Error(`The app could not be built: ${how}\n${build.output()}`);
  const server = start('preview', spa, '--outDir', folder, '--port', String(port), '--strictPort');
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url, server);
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
