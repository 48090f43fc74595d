import type { Candidate } from './candidates/candidate.ts';
import { expressHpm } from './candidates/express-hpm.ts';
import { gateway } from './candidates/gateway.ts';
import type { Measured } from './figures.ts';
import type { Plan } from './measure-rounds.ts';
import { medianRatio } from './statistics.ts';

/**
 * By how much a request through the gateway may cost more processor time than one through the bare proxy library. 1.7 to 1.9
 * on a quiet machine, more on a busy one; before the hot path was worked on (docs/decisions/0014) it was 3.8 to 4.8.
 */
export const most = 2.8;

export const guarded = [expressHpm, gateway];

/**
 * By requests rather than by time, since on a busy machine few requests would be done in it: code that has run seldom is
 * slow yet. Half a minute on a machine that does nothing else.
 */
export const guardPlan: Plan = {
  rounds: 5,
  seconds: 6,
  warmUpSeconds: 12,
  aloneSeconds: 0,
  connections: 64,
  requests: { warmUp: 15_000, round: 8_000 },
};

/** Not a number where one of them was not measured. */
export function costRatio(results: readonly Measured[]): number {
  const roundsOf = (wanted: Candidate): readonly number[] =>
    results.find(({ name }) => name === wanted.name)?.cpuMicrosecondsByRound ?? [];
  return medianRatio(roundsOf(gateway), roundsOf(expressHpm));
}

/** Not a number is no pass. */
export const passes = (ratio: number): boolean => ratio <= most;
