import type { Report } from '../demo/report.ts';
import type { Running } from './candidates/candidate.ts';
import type { Measured } from './figures.ts';
import type { Load, RunLoad } from './load/load.ts';
import { cpuSeconds, memoryOf } from './process-tree.ts';
import { spreadOf } from './statistics.ts';

export type Entrant = { readonly name: string; readonly does: string } & Running;

export type Plan = {
  readonly rounds: number;
  /** Of load, for each candidate in each round. */
  readonly seconds: number;
  /** Of load before the first round. */
  readonly warmUpSeconds: number;
  /** Of load on one connection alone; 0 for none. */
  readonly aloneSeconds: number;
  readonly connections: number;
  /** Whatever ends sooner: that time, or so many requests. */
  readonly requests?: { readonly warmUp: number; readonly round: number };
};

type Sample = { readonly busy: Load; readonly cpuMicroseconds: number; readonly alone: Load | undefined };

/**
 * Loads one candidate after the other, round for round: whatever else the machine does meanwhile meets all of them. Each
 * round begins with another candidate.
 */
export async function measureRounds(
  entrants: readonly Entrant[],
  runLoad: RunLoad,
  plan: Plan,
  report: Report,
): Promise<Measured[]> {
  const samples = new Map<Entrant, Sample[]>(entrants.map((entrant) => [entrant, []]));
  for (const { name, target } of entrants) {
    await report.during(`${name} warms up`, () =>
      runLoad(target, { connections: plan.connections, seconds: plan.warmUpSeconds, requests: plan.requests?.warmUp }),
    );
  }
  for (let round = 0; round < plan.rounds; round += 1) {
    report.line(`Round ${round + 1} of ${plan.rounds}`);
    const first = round % entrants.length;
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      samples.get(entrant)?.push(await report.during(entrant.name, () => sample(entrant, runLoad, plan)));
    }
  }
  return Promise.all([...samples].map(([entrant, taken]) => summarize(entrant, taken)));
}

async function sample({ target, pid }: Entrant, runLoad: RunLoad, plan: Plan): Promise<Sample> {
  const before = await cpuSeconds(pid);
  const busy = await runLoad(target, {
    connections: plan.connections,
    seconds: plan.seconds,
    requests: plan.requests?.round,
  });
  const used = (await cpuSeconds(pid)) - before;
  const alone =
    plan.aloneSeconds > 0 ? await runLoad(target, { connections: 1, seconds: plan.aloneSeconds }) : undefined;
  return { busy, cpuMicroseconds: (used * 1e6) / busy.requests, alone };
}

async function summarize({ name, does, pid }: Entrant, samples: readonly Sample[]): Promise<Measured> {
  const cpuMicrosecondsByRound = samples.map(({ cpuMicroseconds }) => cpuMicroseconds);
  const alone = samples.map((each) => each.alone).filter((each) => each !== undefined);
  return {
    name,
    does,
    requestsPerSecond: spreadOf(samples.map(({ busy }) => busy.requests / busy.seconds)),
    cpuMicroseconds: spreadOf(cpuMicrosecondsByRound),
    cpuMicrosecondsByRound,
    p50Ms: spreadOf(samples.map(({ busy }) => busy.p50Ms)),
    p99Ms: spreadOf(samples.map(({ busy }) => busy.p99Ms)),
    ...(alone.length > 0 && {
      alone: { p50Ms: spreadOf(alone.map(({ p50Ms }) => p50Ms)), p99Ms: spreadOf(alone.map(({ p99Ms }) => p99Ms)) },
    }),
    peakMb: (await memoryOf(pid)).peakMb,
  };
}
