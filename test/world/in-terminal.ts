import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.ts';

const command = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Whether there is `script` of util-linux, which gives a program a terminal; or why not. */
export const findScript = (): Promise<{ readonly missing?: string }> =>
  promisify(execFile)(script, ['--version']).then(
    ({ stdout }) => (stdout.includes('util-linux') ? {} : none),
    () => none,
  );
const script = 'script';
const none = { missing: 'there is no script of util-linux' };

export type InTerminal = {
  /** What is on the screen, with what colours it and wipes it: the escape character as `ESC`. */
  screen(): string;
  /** Resolves when these words are on it. */
  shown(words: string): Promise<void>;
  readonly ended: Promise<unknown>;
  /** Presses Ctrl+C, and waits for the end. */
  interrupt(): Promise<void>;
  /** Kills it, if it is there still. */
  stop(): Promise<void>;
};

/** `directus-gateway` in a terminal of its own, with this environment and no other. */
export function startInTerminal(environment: Readonly<Record<string, string>>, ...words: string[]): InTerminal {
  const quoted = [process.execPath, command, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(script, ['--quiet', '--flush', '--command', `echo $$; exec ${quoted}`, '/dev/null'], {
    env: { SHELL: '/bin/sh', PATH: process.env.PATH, ...environment },
    cwd: tmpdir(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  let written = '';
  const news = until();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written += text;
    news.check();
  });
  return {
    screen: () => written.replace(ownId, '').replaceAll('\u001b', 'ESC'),
    shown: (text) => news.holds(() => written.includes(text)),
    ended,
    interrupt: async () => {
      child.stdin.write('\u0003');
      await ended;
    },
    stop: async () => {
      const id = ownId.exec(written)?.[1];
      if (child.exitCode === null && id !== undefined) process.kill(Number(id), 'SIGKILL');
      await ended;
    },
  };
}

/** What the shell says before it becomes the gateway. */
const ownId = /^(\d+)\r\n/;
