import type { Scenario } from './simulate.ts';

export const shortTtlMs = 10_000;
export const longTtlMs = 300_000;
const jwtMs = 900_000;
const sessionTokenMs = 86_400_000;

/** One small gateway that hears of every change, of which there are none. */
const usual: Scenario = {
  users: 100_000,
  processes: 1,
  spread: 1,
  ttlMs: longTtlMs,
  tokenLifetimeMs: jwtMs,
  changesPerHour: 0,
  changesAreOf: 'one user',
};

const sizes = [1_000, 10_000, 100_000];
const million = { ...usual, users: 1_000_000, processes: 8 };

/** By the name of the table of docs/scaling.md that each is for. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  growth: [
    ...sizes.map((users) => ({ ...usual, users, ttlMs: shortTtlMs })),
    { ...million, ttlMs: shortTtlMs },
    ...sizes.map((users) => ({ ...usual, users })),
    million,
  ],
  changes: [
    ...[360, 3_600, 36_000].map((changesPerHour) => ({ ...usual, changesPerHour })),
    { ...million, changesPerHour: 10_000 },
    ...[12, 60, 360].map((changesPerHour) => ({ ...usual, changesPerHour, changesAreOf: 'everybody' as const })),
  ],
  balancing: [
    { ...usual, processes: 4, spread: 4 },
    { ...million, processes: 4 },
    { ...million, processes: 4, spread: 4 },
    { ...million, spread: 2 },
    { ...million, spread: 8 },
    { ...million, spread: 8, ttlMs: shortTtlMs },
  ],
  tokens: [sessionTokenMs, Number.POSITIVE_INFINITY].map((tokenLifetimeMs) => ({ ...usual, tokenLifetimeMs })),
  room: [1_500_000, 2_000_000].map((users) => ({ ...usual, users })),
};
