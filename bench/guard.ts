import type { Candidate } from './candidates/candidate.ts';
import { expressHpm } from './candidates/express-hpm.ts';
import { gateway } from './candidates/gateway.ts';
import type { Measured } from './figures.ts';
import type { Plan } from './measure-rounds.ts';
import { medianRatio } from './statistics.ts';

/** By how much a request through the gateway may cost more processor time than one through the bare proxy library. */
export const most = 1.6;

export const guarded = [expressHpm, gateway];

/** Less than a minute in all. */
export const guardPlan: Plan = { rounds: 5, seconds: 3, warmUpSeconds: 4, aloneSeconds: 0, connections: 64 };

/** Not a number where one of them was not measured. */
export function costRatio(results: readonly Measured[]): number {
  const roundsOf = (wanted: Candidate): readonly number[] =>
    results.find(({ name }) => name === wanted.name)?.cpuMicrosecondsByRound ?? [];
  return medianRatio(roundsOf(gateway), roundsOf(expressHpm));
}

/** Not a number is no pass. */
export const passes = (ratio: number): boolean => ratio <= most;
