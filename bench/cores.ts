import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The candidate has a core to itself; whatever loads it and whatever it asks share another. */
export type Place = 'candidate' | 'surroundings';

export type Cores = { readonly pinned: Readonly<Record<Place, number>> } | { readonly notPinned: string };

/** The first two cores that this process may use. */
export async function findCores(): Promise<Cores> {
  const [candidate, surroundings] = await usableCores();
  if (candidate === undefined || surroundings === undefined) return { notPinned: 'there is one core only' };
  const works = await run('taskset', ['-c', `${candidate},${surroundings}`, 'true']).then(
    () => true,
    () => false,
  );
  return works ? { pinned: { candidate, surroundings } } : { notPinned: 'there is no taskset (util-linux)' };
}

/** The command that runs a program where it belongs. taskset becomes the program: the process id stays. */
export function pin(cores: Cores, place: Place, program: string, args: readonly string[]): [string, string[]] {
  if ('notPinned' in cores) return [program, [...args]];
  return ['taskset', ['-c', String(cores.pinned[place]), program, ...args]];
}

async function usableCores(): Promise<number[]> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
