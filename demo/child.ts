import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const END_WITH_PARENT = pathToFileURL(join(import.meta.dirname, 'end-with-parent.ts')).href;
const PATIENCE_MS = 5_000;
const KEPT_OUTPUT_CHARS = 100_000;

export type Child = {
  /** What it wrote last, both streams in one. */
  output(): string;
  /** Resolves once the process is gone, with the way it ended: `exit code 1`, `SIGTERM` or why it could not start. */
  ended: Promise<string>;
  /** The same, unless it was stopped: then this stays open. */
  died: Promise<string>;
  stop(): Promise<void>;
};

type Surroundings = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Show its output as it comes, besides keeping it. */
  show?: boolean;
};

/**
 * Starts a Node program (npm is one) in a process group of its own. The group ends with `stop`, with its first process,
 * and with this process, however this one ends.
 */
export function startChild(program: string, args: readonly string[], { cwd, env, show = false }: Surroundings): Child {
  const child = spawn(program, args, {
    cwd,
    env: { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} --import=${END_WITH_PARENT}` },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARS);
      if (show) process.stderr.write(text);
    });
  }

  let isGone = false;
  const signalGroup = (signal: NodeJS.Signals) => {
    if (isGone || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already, which is what was wanted.
    }
  };
  const killGroup = () => signalGroup('SIGKILL');
  // Before the handlers that remove the folders it writes to.
  process.prependOnceListener('exit', killGroup);
  const settle = (how: string) => {
    isGone = true;
    process.off('exit', killGroup);
    end(how);
  };
  child.once('error', (error) => settle(error.message));
  // What outlives the first process of the group would hold its pipes open.
  child.once('exit', killGroup);
  child.once('close', (code, signal) => settle(signal ?? `exit code ${code}`));

  let stopped = false;
  const died = new Promise<string>((resolve) => {
    ended.then((how) => stopped || resolve(how));
  });

  return {
    output: () => output,
    ended,
    died,
    stop: async () => {
      stopped = true;
      signalGroup('SIGTERM');
      const patience = setTimeout(killGroup, PATIENCE_MS);
      await ended;
      clearTimeout(patience);
    },
  };
}
