import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { poll } from '../world/poll.ts';
import { agrees } from './agrees.ts';
import type { Block } from './read-page.ts';

export type Reader = {
  /** Where they have the gateway, and work. */
  readonly folder: string;
  /** Addresses and secrets of theirs, which the blocks name. Whatever a block assigns is there for the next. */
  readonly environment: Readonly<Record<string, string>>;
  /** Their values of variables that a page's `.env` holds an example of. */
  readonly own: Readonly<Record<string, string>>;
  /** Addresses and the like in files of a page, and what they have in their place. Each must be there. */
  readonly replace?: Readonly<Record<string, string>>;
};

export type Ran = {
  readonly block: Block;
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
  /** Whether it ended as the page says, with the answer that the page shows. */
  readonly isAsShown: boolean;
};

export type ReadToEnd = {
  readonly ran: readonly Ran[];
  /** Ends what goes on running. */
  stop(): Promise<void>;
};

const SOON_MS = 30_000;

/** Does what a reader of the page does, block after block, up to the first that is not as it is shown. */
export async function runPage(blocks: readonly Block[], reader: Reader): Promise<ReadToEnd> {
  for (const text of Object.keys(reader.replace ?? {})) {
    if (!blocks.some((block) => isFile(block) && block.text.includes(text))) throw new Error(`No file holds ${text}`);
  }
  const ran: Ran[] = [];
  const staying: ChildProcess[] = [];
  const stop = async () => {
    for (const child of staying.reverse()) await endGroup(child);
  };
  try {
    for (const block of blocks) {
      if (ran.at(-1)?.isAsShown === false) break;
      if (await isWritten(block, reader)) continue;
      if (block.language !== 'sh' || block.mark.kind === 'not run') continue;
      ran.push(
        block.mark.kind === 'stays' ? await begin(block, block.mark.says, reader, staying) : await run(block, reader),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { ran, stop };
}

const isFile = ({ mark }: Block): boolean => mark.kind === 'file' || mark.kind === 'more of';

/** Writes the file that a block shows, if it shows one. Without a newline at its end, as many an editor does. */
async function isWritten({ mark, text }: Block, { folder, own, replace = {} }: Reader): Promise<boolean> {
  if (mark.kind !== 'file' && mark.kind !== 'more of') return false;
  const filledIn = text.replaceAll(/^(\w+)=.*$/gm, (line, name: string) =>
    own[name] === undefined ? line : `${name}=${own[name]}`,
  );
  const content = Object.entries(replace).reduce((all, [from, to]) => all.replaceAll(from, to), filledIn);
  const path = join(folder, mark.name);
  await (mark.kind === 'file' ? writeFile(path, content) : appendFile(path, `\n${content}`));
  return true;
}

async function run(block: Block, reader: Reader): Promise<Ran> {
  const once = async (): Promise<Ran> => {
    const { code, out, err } = await shell(block.text, reader);
    const expected = block.mark.kind === 'ends' ? block.mark.code : 0;
    const isAsShown = code === expected && (block.answer === undefined || agrees(block.answer, out));
    return { block, out, err, code, isAsShown };
  };
  let last = await once();
  if (block.mark.kind !== 'soon') return last;
  const isThere = async () => {
    if (!last.isAsShown) last = await once();
    return last.isAsShown;
  };
  await poll(`line ${block.line} answers as it is shown`, isThere, SOON_MS).catch(() => undefined);
  return last;
}

/** What the blocks before have assigned, and what this one assigns, whether they export it or not. */
const script = (text: string): string =>
  `set -e -a; touch .session; . ./.session; trap '{ export -p; declare -f; } > .session' EXIT\n${text}\n`;

async function shell(text: string, reader: Reader): Promise<Pick<Ran, 'code' | 'out' | 'err'>> {
  const child = start(text, reader);
  const [out, err] = [heard(child.stdout), heard(child.stderr)];
  const [code] = await once(child, 'close');
  return { code, out: out(), err: err() };
}

/** Starts what goes on running, and waits until it has said that it does. */
async function begin(block: Block, says: string, reader: Reader, staying: ChildProcess[]): Promise<Ran> {
  const child = start(block.text, reader);
  staying.push(child);
  const kill = () => signalGroup(child, 'SIGKILL');
  process.once('exit', kill); // however this process ends, nothing of it is left
  child.once('close', () => process.off('exit', kill));
  const [out, err] = [heard(child.stdout), heard(child.stderr)];
  let code: number | null = null;
  child.once('exit', (ended) => {
    code = ended ?? 1;
  });
  const hasSaid = () => out().includes(says) || err().includes(says);
  await poll(`line ${block.line} says ${says}`, () => hasSaid() || code !== null, 60_000).catch(() => undefined);
  return { block, out: out(), err: err(), code, isAsShown: hasSaid() && code === null };
}

const start = (text: string, { folder, environment }: Reader) =>
  spawn('bash', ['-c', script(text)], {
    cwd: folder,
    env: { ...machine(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, which ends as a whole
  });

function machine(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR };
}

function heard(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  return () => text;
}

/** As Ctrl-C does. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  signalGroup(child, 'SIGINT');
  await closed;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
