import type { Ledger } from '../limit/ledger.ts';
import type { Counting } from '../limit/limit-store.ts';
import { createRate } from '../limit/rate.ts';
import type { Ask } from './channel.ts';
import { refunded, spent, standing } from './messages.ts';
import { createSharedRate } from './shared-rate.ts';

export type SharedCountingParts = {
  readonly ask: Ask;
  /** How many workers there are. */
  readonly workers: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Where a worker's points are counted without Redis: in the primary, with those of all workers. */
export function createSharedCounting({ ask, workers, now }: SharedCountingParts): Counting {
  return {
    ledger: createSharedLedger(ask),
    createRate: (parts) => {
      const { name, points, duration, redis } = parts;
      if (redis !== undefined) return createRate(parts); // counts all gateways, and so all workers
      return createSharedRate({
        limit: points,
        handful: handfulOf(points, workers),
        ask: (key, count) => ask({ kind: 'points', rate: { name, points, duration }, key, count }, standing),
        alone: createRate(parts),
        now,
      });
    },
  };
}

/** So many that what the other workers hold unused is a tenth of the points at most. */
const handfulOf = (points: number, workers: number): number => Math.max(1, Math.floor(points / (10 * workers)));

/** Each charge is asked for by itself, so that budgets are exact. Rejects while the primary does not answer. */
function createSharedLedger(ask: Ask): Ledger {
  return {
    service: 'workers',
    spend: async (charges) => {
      const { exhausted } = await ask({ kind: 'spend', charges }, spent);
      return charges[exhausted];
    },
    refund: async (charges) => {
      await ask({ kind: 'refund', charges }, refunded);
    },
  };
}
