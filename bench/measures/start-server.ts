import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import { type RunningProcess, startProcess } from '../start-process.ts';
import type { MeasureSite } from './measure.ts';

export type RunningServer = RunningProcess & { readonly origin: string };

export type Server = {
  /** A file of bench/servers, which gets its port as its first argument. */
  readonly file: string;
  /** What it is started by, in place of Node alone. */
  readonly by?: readonly [string, ...string[]];
};

/** Starts an upstream or a stand-in beside the load. */
export async function startServer({ cores }: MeasureSite, { file, by }: Server): Promise<RunningServer> {
  const port = await freePort(undefined, 'PORT');
  const origin = `http://127.0.0.1:${port}`;
  const [program, ...args] = [
    ...(by ?? []),
    process.execPath,
    join(import.meta.dirname, '../servers', file),
    String(port),
  ];
  const launch = { name: file, cores, place: 'surroundings', program, args, readyAt: `${origin}/ready` } as const;
  return { origin, ...(await startProcess(launch)) };
}
