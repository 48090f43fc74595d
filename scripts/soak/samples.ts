import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';

const sample = z.object({
  seconds: z.number(),
  /** Megabytes; `heap` right after a collection. */
  rss: z.number(),
  heap: z.number(),
  sockets: z.number(),
  timers: z.number(),
  /** Entries of all caches. */
  remembered: z.number(),
});
export type Sample = z.output<typeof sample>;
type Measure = Exclude<keyof Sample, 'seconds'>;

/** By how much each may grow between the warm-up and the end, by the trend of all samples. */
export const bounds: readonly { readonly of: Measure; readonly most: number; readonly unit: string }[] = [
  { of: 'rss', most: 40, unit: 'MB' },
  { of: 'heap', most: 6, unit: 'MB' },
  { of: 'sockets', most: 30, unit: '' },
  { of: 'timers', most: 40, unit: '' },
  { of: 'remembered', most: 200, unit: '' },
];

const mark = 'soak-sample ';

/** Source text of a module that runs in the gateway's process and tells what that holds. */
export const reportSource = (everyMs: number): string => `
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LRUCache } from ${JSON.stringify(import.meta.resolve('lru-cache'))};
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const caches = new Set();
const set = LRUCache.prototype.set;
LRUCache.prototype.set = function (...given) { caches.add(this); return set.apply(this, given); };
const megabytes = (bytes) => bytes / 1024 ** 2;
setInterval(() => {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (kind) => resources.filter((each) => each === kind).length;
  const remembered = [...caches].reduce((sum, { size }) => sum + size, 0);
  process.stderr.write(${JSON.stringify(mark)} + JSON.stringify({ seconds: process.uptime(), rss: megabytes(rss),
    heap: megabytes(heapUsed), sockets: count('TCPSocketWrap'), timers: count('Timeout'), remembered }) + '\\n');
}, ${everyMs}).unref();
`;

/** What a process has told so far, which grows. */
export function readSamples({ stderr }: ChildProcess): readonly Sample[] {
  const samples: Sample[] = [];
  let rest = '';
  stderr?.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.startsWith(mark)) samples.push(sample.parse(JSON.parse(line.slice(mark.length))));
  });
  return samples;
}

/** The first third is warm-up: code is compiled, and caches and pools are filled. */
const warm = (samples: readonly Sample[]): readonly Sample[] => samples.slice(Math.ceil(samples.length / 3));

/** By how much each measure has grown after warm-up, along the line of least squares. */
export function growthOf(samples: readonly Sample[]): Record<Measure, number> {
  const steady = warm(samples);
  if (steady.length < 3) throw new Error('That was too short to tell a trend.');
  const growth = (of: Measure): number => {
    const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
    const times = steady.map(({ seconds }) => seconds);
    const [at, level] = [mean(times), mean(steady.map((each) => each[of]))];
    const slope =
      mean(steady.map((each) => (each.seconds - at) * (each[of] - level))) /
      mean(times.map((time) => (time - at) ** 2));
    return slope * ((times.at(-1) ?? 0) - (times[0] ?? 0));
  };
  return {
    rss: growth('rss'),
    heap: growth('heap'),
    sockets: growth('sockets'),
    timers: growth('timers'),
    remembered: growth('remembered'),
  };
}

export function describeSamples(samples: readonly Sample[], atRest: Sample | undefined): string {
  const row = (name: string, { rss, heap, sockets, timers, remembered }: Sample) =>
    [name, rss.toFixed(1), heap.toFixed(1), sockets, timers, remembered]
      .map((cell) => String(cell).padStart(11))
      .join('');
  return [
    ['seconds', 'rss MB', 'heap MB', 'sockets', 'timers', 'remembered'].map((cell) => cell.padStart(11)).join(''),
    ...samples.map((each) => row(each.seconds.toFixed(0), each)),
    ...(atRest === undefined ? [] : [row('at rest', atRest)]),
  ].join('\n');
}
