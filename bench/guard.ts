import type { Candidate } from './candidates/candidate.ts';
import { expressHpm } from './candidates/express-hpm.ts';
import { gateway, gatewayCold, gatewayStripe } from './candidates/gateway.ts';
import type { Measured } from './figures.ts';
import type { Plan } from './measure-rounds.ts';
import { medianRatio } from './statistics.ts';

/** By how much more processor time a request through a candidate may cost than one through the bare proxy library. */
export type Limit = { readonly candidate: Candidate; readonly most: number };

/** What machine and moment make of the same code. */
const room = 1.6;

/**
 * The gateway's own is stated: 1.8 to 1.9 are measured on a quiet machine, and before the hot path was worked on
 * (docs/decisions/0014) it was 3.8 to 4.8. Those of the others follow from the latest figures.
 */
export const limitsBeside = (latest: readonly Measured[]): Limit[] => [
  { candidate: gateway, most: 2.5 },
  ...[gatewayStripe, gatewayCold].map((candidate) => ({ candidate, most: room * costRatio(latest, candidate) })),
];

/**
 * By requests rather than by time, since on a busy machine few requests would be done in it: code that has run seldom is
 * slow yet. A minute and a half on a machine that does nothing else.
 */
export const guardPlan: Plan = {
  rounds: 5,
  seconds: 6,
  warmUpSeconds: 15,
  aloneSeconds: 0,
  connections: 64,
  requests: { warmUp: 15_000, round: 6_000 },
};

/** For what costs too much: a machine that was busy for a while fails nobody. */
export const repeatedPlan: Plan = {
  ...guardPlan,
  rounds: 9,
  seconds: 10,
  warmUpSeconds: 30,
  requests: { warmUp: 30_000, round: 6_000 },
};

/** @returns what each of them has cost, in processor time */
export type MeasureCost = (candidates: readonly Candidate[], plan: Plan) => Promise<readonly Measured[]>;

export type Verdict = {
  readonly name: string;
  readonly most: number;
  /** Of one measurement, or of two where the first one was too much. Not a number where nothing was measured. */
  readonly ratios: readonly number[];
  readonly passes: boolean;
};

export async function guard(limits: readonly Limit[], measure: MeasureCost): Promise<Verdict[]> {
  const first = await measureAll(limits, guardPlan, measure);
  const worse = limits.filter(({ candidate, most }) => !passes(costRatio(first, candidate), most));
  const second = worse.length === 0 ? [] : await measureAll(worse, repeatedPlan, measure);
  return limits.map((limit) => {
    const { candidate, most } = limit;
    const again = worse.includes(limit) ? [costRatio(second, candidate)] : [];
    const ratios = [costRatio(first, candidate), ...again];
    return { name: candidate.name, most, ratios, passes: ratios.some((ratio) => passes(ratio, most)) };
  });
}

export function sentenceOf({ name, most, ratios: [first = Number.NaN, again], passes }: Verdict): string {
  const second = again === undefined ? '' : `, measured again ${again.toFixed(2)}`;
  const cost = `A request through ${name} costs ${first.toFixed(2)} times the bare proxy${second}`;
  return `${cost}: ${passes ? 'within' : 'more than'} ${most.toFixed(2)}.`;
}

const measureAll = (limits: readonly Limit[], plan: Plan, measure: MeasureCost) =>
  measure([expressHpm, ...limits.map(({ candidate }) => candidate)], plan);

/** Not a number where one of them was not measured. */
function costRatio(results: readonly Measured[], candidate: Candidate): number {
  const roundsOf = (wanted: Candidate): readonly number[] =>
    results.find(({ name }) => name === wanted.name)?.cpuMicrosecondsByRound ?? [];
  return medianRatio(roundsOf(candidate), roundsOf(expressHpm));
}

/** Not a number is no pass. */
const passes = (ratio: number, most: number): boolean => ratio <= most;
