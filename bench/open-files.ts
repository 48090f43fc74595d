import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export type OpenFiles = {
  /** How many a process may have open. */
  readonly most: number;
  /** What Node is started by to have as many. */
  readonly by: readonly [string, ...string[]] | undefined;
};

/** So many where this user may have them (root may), else as many as there are. */
export async function allowOpenFiles(wanted: number): Promise<OpenFiles> {
  const most = await ownMost();
  if (most >= wanted) return { most, by: undefined };
  const raised = ['prlimit', `--nofile=${wanted}:${wanted}`] as const;
  const mayRaise = await promisify(execFile)(raised[0], [raised[1], 'true']).then(
    () => true,
    () => false,
  );
  return mayRaise ? { most: wanted, by: raised } : { most, by: undefined };
}

/** Node raises the soft limit to the hard one by itself. */
async function ownMost(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const [, hard = '0'] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
