import { z } from 'zod';

const charge = z.object({
  key: z.string(),
  limit: z.number(),
  endsInMs: z.number(),
  members: z.array(z.string()).readonly().optional(),
});

const charges = z.array(charge).readonly();

/** What a worker cannot know alone. Each has an answer of its own form, below. */
const question = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('points'),
    rate: z.object({ name: z.string(), points: z.number(), duration: z.number() }),
    key: z.string(),
    /** How many points the worker would like; none, where it only looks. */
    count: z.number(),
  }),
  z.object({ kind: z.literal('spend'), charges }),
  z.object({ kind: z.literal('refund'), charges }),
  z.object({ kind: z.literal('metrics') }),
]);
export type Question = z.output<typeof question>;

/** Points of one key, as they stand after some of them have been granted. */
export const standing = z.object({
  granted: z.number(),
  /** None is left in this span. */
  isExhausted: z.boolean(),
  /** When the span ends: milliseconds since the epoch. */
  until: z.number(),
});
export type Standing = z.output<typeof standing>;

/** Place of the first charge that is exhausted; -1: all are charged. */
export const spent = z.object({ exhausted: z.number() });
export const refunded = z.object({});

/** Of all workers together. No text: not all of them have said what they have measured. */
export const gathered = z.object({ text: z.string().optional() });
export type Gathered = z.output<typeof gathered>;

const sources = z.object({
  environment: z.record(z.string(), z.string().optional()).readonly(),
  files: z.array(z.tuple([z.string(), z.string()]).readonly()).readonly(),
});

const signal = z.enum(['SIGTERM', 'SIGINT']);

export const toWorker = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    /** What the primary was started with, and what is good by now. */
    first: sources,
    current: sources,
    /** How many workers there are. */
    workers: z.number(),
  }),
  z.object({ kind: z.literal('reload'), current: sources }),
  /** Comes again and again: its absence says that the primary is gone. */
  z.object({
    kind: z.literal('feed'),
    live: z.boolean(),
    complete: z.boolean(),
    /** About whom whatever was known may have ceased to be true. */
    changed: z.union([z.literal('everybody'), z.array(z.string()).readonly()]).optional(),
  }),
  z.object({ kind: z.literal('answer'), id: z.number(), answer: z.unknown() }),
  /** Asks what the worker has measured. */
  z.object({ kind: z.literal('measure'), id: z.number() }),
  z.object({ kind: z.literal('stop'), signal }),
]);
export type ToWorker = z.output<typeof toWorker>;

export const fromWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello') }),
  z.object({ kind: z.literal('ask'), id: z.number(), question }),
  z.object({ kind: z.literal('measured'), id: z.number(), measures: z.array(z.looseObject({})) }),
  /** The address cannot be listened on. */
  z.object({ kind: z.literal('refused'), code: z.string().optional() }),
]);
export type FromWorker = z.output<typeof fromWorker>;
