import type { Measures } from '../metrics/metrics.ts';
import { sumCounts, sumMeasures } from '../metrics/sum-measures.ts';
import type { Gathered } from './messages.ts';

export type GatheringParts = {
  /** Has each worker that serves say what it has measured, by this number. Their own numbers. */
  readonly ask: (id: number) => readonly number[];
  /** Less than workers wait for an answer. */
  readonly timeoutMs?: number;
};

/** Gathers what all workers have measured. */
export type Gathering = {
  /** Without a text where a worker has not answered in time. */
  gather(): Promise<Gathered>;
  hear(worker: number, id: number, measures: Measures): void;
  /** A worker is gone. What it had counted when it was last asked still counts. */
  ended(worker: number): void;
};

type Round = { readonly id: number; readonly waiting: Set<number>; readonly end: (isWhole: boolean) => void };

export function createGathering({ ask, timeoutMs = 700 }: GatheringParts): Gathering {
  const latest = new Map<number, Measures>();
  let gone: Promise<Measures> = Promise.resolve([]);
  let count = 0;
  let round: Round | undefined;
  let underWay: Promise<Gathered> | undefined;

  const gatherOnce = async (): Promise<Gathered> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    count += 1;
    round = { id: count, waiting: new Set(ask(count)), end: resolve };
    const timer = setTimeout(() => resolve(false), timeoutMs);
    if (round.waiting.size === 0) resolve(false);
    const isWhole = await promise;
    clearTimeout(timer);
    round = undefined;
    return isWhole ? { text: await sumMeasures([await gone, ...latest.values()]) } : {};
  };

  const answered = (worker: number): void => {
    round?.waiting.delete(worker);
    if (round?.waiting.size === 0) round.end(true);
  };

  return {
    gather: () => {
      underWay ??= gatherOnce().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    hear: (worker, id, measures) => {
      latest.set(worker, measures);
      if (id === round?.id) answered(worker);
    },
    ended: (worker) => {
      const last = latest.get(worker);
      latest.delete(worker);
      if (last !== undefined) gone = gone.then((before) => sumCounts([before, last]));
      answered(worker);
    },
  };
}
