import { readdir, readFile, writeFile } from 'node:fs/promises';

/** Of the times in /proc; 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process and all that it has started have used so far (proc_pid_stat(5)). */
export async function cpuSeconds(root: number): Promise<number> {
  const tree = await processTree(root);
  return tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** Megabytes of memory in use, of a process and all that it has started; `peak` is the most that each has ever used. */
export async function memoryOf(root: number): Promise<{ nowMb: number; peakMb: number }> {
  const tree = await processTree(root);
  const statuses = await Promise.all(tree.map(({ pid }) => read(`/proc/${pid}/status`)));
  const sum = (field: string) =>
    statuses.reduce(
      (total, status) => total + Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0),
      0,
    );
  return { nowMb: sum('VmRSS') / 1024, peakMb: sum('VmHWM') / 1024 };
}

/** From now on `peakMb` is the most that this process uses from now on (proc_pid_clear_refs(5)). */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');

type Process = { pid: number; parent: number; ticks: number };

async function processTree(root: number): Promise<Process[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(names.map(readProcess))).filter((each) => each !== undefined);
  const tree = all.filter(({ pid }) => pid === root);
  if (tree.length === 0) throw new Error(`Process ${root} is gone.`);
  for (let at = 0; at < tree.length; at += 1) {
    const { pid } = tree[at] ?? {};
    tree.push(...all.filter(({ parent }) => parent === pid));
  }
  return tree;
}

/** The fields after the name, which may hold anything, parentheses and spaces included. */
async function readProcess(name: string): Promise<Process | undefined> {
  const stat = await read(`/proc/${name}/stat`);
  if (stat === '') return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { pid: Number(name), parent: parent ?? 0, ticks: (user ?? 0) + (system ?? 0) };
}

/** Empty when the process has ended meanwhile. */
const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
