import { z } from 'zod';

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });

const measured = z.object({
  name: z.string(),
  does: z.string(),
  requestsPerSecond: spread,
  /** Microseconds of processor time for a request, of the candidate alone. */
  cpuMicroseconds: spread,
  /** The same in each round. */
  cpuMicrosecondsByRound: z.array(z.number()),
  p50Ms: spread,
  p99Ms: spread,
  /** With one connection, which waits for each answer before it asks again. */
  alone: z.object({ p50Ms: spread, p99Ms: spread }).optional(),
  /** The most that its processes have held, in megabytes. */
  peakMb: z.number(),
});
export type Measured = z.output<typeof measured>;

const finding = z.object({
  /** What the figure is of, with its unit. */
  of: z.string(),
  value: spread,
  target: z.union([z.object({ atLeast: z.number() }), z.object({ atMost: z.number() })]).optional(),
});
export type Finding = z.output<typeof finding>;

const findings = z.object({ name: z.string(), does: z.string(), findings: z.array(finding) });
/** What one measure has found. */
export type Findings = z.output<typeof findings>;

/** Everything that one run has found out: the form of the JSON file. */
export const figures = z.object({
  date: z.iso.date(),
  machine: z.object({
    processor: z.string(),
    cores: z.number(),
    memoryGb: z.number(),
    system: z.string(),
    node: z.string(),
    pinning: z.string(),
    /** How many processes wanted a core before, in the mean of a minute: what the figures were disturbed by. */
    loadBefore: z.number(),
  }),
  load: z.string(),
  upstream: z.string(),
  plan: z.object({
    rounds: z.number(),
    seconds: z.number(),
    warmUpSeconds: z.number(),
    aloneSeconds: z.number(),
    connections: z.number(),
  }),
  results: z.array(measured),
  /** Beside what follows from the results: only what was measured by itself. */
  measures: z.array(findings).default([]),
  /** What was left out, and why. */
  missing: z.record(z.string(), z.string()),
});
export type Figures = z.output<typeof figures>;
