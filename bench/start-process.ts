import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cores, type Place, pin } from './cores.ts';

export type Launch = {
  readonly name: string;
  readonly cores: Cores;
  readonly place: Place;
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment, but for PATH. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly cwd?: string;
  /** Answers with any status once it is ready. */
  readonly readyAt: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly withinMs?: number;
};

export type RunningProcess = { readonly pid: number; stop(): Promise<void> };

const KEPT_CHARS = 4_000;
const PATIENCE_MS = 5_000;

/**
 * Starts a process in its place and waits until it answers. What it writes to standard output is thrown away.
 * @throws with the end of its standard error when it ends before, or does not answer in time
 */
export async function startProcess(launch: Launch): Promise<RunningProcess> {
  const [program, args] = pin(launch.cores, launch.place, launch.program, launch.args);
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...launch.env },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(launch.cwd !== undefined && { cwd: launch.cwd }),
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_CHARS);
  });
  let end: string | undefined;
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(([how, signal]) => {
    end = how instanceof Error ? how.message : String(signal ?? `exit code ${how}`);
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    const patience = setTimeout(kill, PATIENCE_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(patience);
    process.off('exit', kill);
  };
  const deadline = performance.now() + (launch.withinMs ?? 30_000);
  while (!(await answers(launch))) {
    if (end === undefined && performance.now() < deadline) {
      await sleep(50);
      continue;
    }
    const why = end === undefined ? 'it did not answer in time' : `it ended with ${end}`;
    if (end === undefined) await stop();
    throw new Error(`${launch.name} did not start: ${why}.\n${errors}`);
  }
  return { pid: child.pid ?? 0, stop };
}

const answers = ({ readyAt, headers = {} }: Launch): Promise<boolean> =>
  fetch(readyAt, { headers, signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return true;
    },
    () => false,
  );
