import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Cores, pin } from '../cores.ts';
import type { OpenFiles } from '../open-files.ts';
import { killedAtExit } from '../run-script.ts';

const script = join(import.meta.dirname, '../servers/hold-streams.ts');

export type Streams = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly streams: number;
};

/**
 * Resolves when all streams are open, each with its first event.
 * @returns closes them
 * @throws when not all can be opened; `stop` throws when one was closed before
 */
export async function holdStreams(cores: Cores, { by }: OpenFiles, order: Streams): Promise<{ stop(): Promise<void> }> {
  const command = [...(by ?? []), process.execPath, script, JSON.stringify(order)];
  const [program, args] = pin(cores, 'surroundings', command[0] ?? '', command.slice(1));
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const forget = killedAtExit(child);
  const ended = once(child, 'exit').finally(forget);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'open') throw new Error(`Not all of ${order.streams} streams could be opened.`);
  return {
    stop: async () => {
      child.stdin.end();
      const { value: left } = await lines.next();
      await ended;
      if (Number(left) !== order.streams) throw new Error(`Only ${left} of ${order.streams} streams stayed open.`);
    },
  };
}
