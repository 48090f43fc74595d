import { expressHpm } from './candidates/express-hpm.ts';
import { gateway } from './candidates/gateway.ts';
import type { Measured } from './figures.ts';
import type { Plan } from './measure-rounds.ts';
import { spreadOf } from './statistics.ts';

/** By how much a request through the gateway may cost more processor time than one through the bare proxy library. */
export const most = 1.6;

export const guarded = [expressHpm, gateway];

/** Less than a minute in all. */
export const guardPlan: Plan = { rounds: 5, seconds: 3, warmUpSeconds: 4, aloneSeconds: 0, connections: 64 };

/** The median of the rounds' ratios: what the machine does besides for some seconds falls into few of them. */
export function costRatio(results: readonly Measured[]): number {
  const [bare, ours] = guarded.map(
    ({ name }) => results.find((each) => each.name === name)?.cpuMicrosecondsByRound ?? [],
  );
  return spreadOf((ours ?? []).map((microseconds, round) => microseconds / (bare?.[round] ?? Number.NaN))).median;
}

/** Not a number is no pass. */
export const passes = (ratio: number): boolean => ratio <= most;
