import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../demo/free-port.ts';
import { until } from './until.ts';

const fromSource = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type ProcessOptions = {
  /** Where it finds gateway.yaml; a folder without one when left out. */
  readonly cwd?: string | undefined;
  readonly port?: number;
  /** Path of the command; that of the source when left out. */
  readonly command?: string;
  /** Source text of a module that runs in the process before the gateway. */
  readonly before?: string;
};

export type GatewayProcess = {
  readonly child: ChildProcess;
  readonly port: number;
  readonly url: string;
  /** The exit code, or the signal that has ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Everything that it has written. */
  log(): string;
  /** Resolves when it has written this so many times. */
  logged(words: string, times?: number): Promise<void>;
  /** Kills it, if it is there still. */
  stop(): Promise<void>;
};

/** `directus-gateway` as a process of its own, which may not listen yet. */
export async function spawnGateway(
  environment: Readonly<Record<string, string>>,
  { cwd = tmpdir(), port, command = fromSource, before }: ProcessOptions = {},
): Promise<GatewayProcess> {
  const ownPort = port ?? (await freePort(undefined, 'PORT'));
  const env = { HOST: '127.0.0.1', PORT: String(ownPort), ...environment };
  const imports = before === undefined ? [] : ['--import', `data:text/javascript;base64,${btoa(before)}`];
  const child = spawn(process.execPath, [...imports, command], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  let log = '';
  const written = until();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk;
      written.check();
    });
  }
  return {
    child,
    port: ownPort,
    url: `http://127.0.0.1:${ownPort}`,
    ended,
    log: () => log,
    logged: async (words, times = 1) => {
      const isLogged = () => log.split(words).length > times;
      const end = ended.then(() => {
        if (!isLogged()) throw new Error(`The gateway has ended without writing ${words}:\n${log}`);
      });
      await Promise.race([written.holds(isLogged), end]);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The same, once it listens. */
export async function startGatewayProcess(
  environment: Readonly<Record<string, string>>,
  options?: ProcessOptions,
): Promise<GatewayProcess> {
  const gateway = await spawnGateway(environment, options);
  await gateway.logged('"listening"');
  return gateway;
}
