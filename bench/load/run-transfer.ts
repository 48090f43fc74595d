import { join } from 'node:path';
import { z } from 'zod';
import type { Cores } from '../cores.ts';
import { runScript } from '../run-script.ts';

const script = join(import.meta.dirname, '../servers/transfer.ts');

export type Transfer = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that must arrive. */
  readonly bytes: number;
  readonly direction: 'down' | 'up';
};

const moved = z.object({ bytes: z.number(), firstByteMs: z.number(), seconds: z.number() });

/** @throws when not every byte has arrived */
export async function runTransfer(cores: Cores, { url, headers, bytes, direction }: Transfer) {
  const order = { url, headers, ...(direction === 'up' && { upload: bytes }) };
  const took = moved.parse(JSON.parse(await runScript(cores, script, order)));
  if (took.bytes !== bytes) throw new Error(`${took.bytes} of ${bytes} bytes arrived by way of ${url}.`);
  return took;
}
