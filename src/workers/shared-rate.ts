import type { Rate } from '../limit/rate.ts';
import { createExpiring } from './expiring.ts';
import type { Standing } from './messages.ts';

export type SharedRateParts = {
  readonly limit: number;
  /** How many points are asked for at once. */
  readonly handful: number;
  /** Asks the primary. Rejects when it does not answer. */
  readonly ask: (key: string, count: number) => Promise<Standing>;
  /** Counts while the primary does not answer. */
  readonly alone: Rate;
  /** Milliseconds since the epoch, by the clock that the primary has. */
  readonly now: () => number;
};

type Held = { points: number; readonly isExhausted: boolean; readonly until: number };
type Asking = { waiting: number; answered: Promise<void> | undefined };

/**
 * A worker's part of a rate that the primary counts. It takes points in handfuls, and asks for more when it has none of
 * this span left; when the primary has none left either, it need not ask again until the span is over. Points are never
 * used after their span, so that all workers together let no more through than the limit.
 */
export function createSharedRate({ limit, handful, ask, alone, now }: SharedRateParts): Rate {
  const held = createExpiring<Held>(now);
  const asking = new Map<string, Asking>();

  const fetchPoints = async (key: string, count: number): Promise<void> => {
    const { granted, isExhausted, until } = await ask(key, count);
    held.set(key, { points: granted, isExhausted, until });
  };

  /** One question for all that wait, for as many points as they need. */
  const more = async (key: string): Promise<void> => {
    const mine = asking.get(key) ?? { waiting: 0, answered: undefined };
    asking.set(key, mine);
    mine.waiting += 1;
    mine.answered ??= fetchPoints(key, Math.max(handful, mine.waiting)).finally(() => {
      mine.answered = undefined;
    });
    try {
      await mine.answered;
    } finally {
      mine.waiting -= 1;
      if (mine.waiting === 0) asking.delete(key);
    }
  };

  const take = async (key: string): Promise<number | undefined> => {
    for (;;) {
      const own = held.get(key);
      if (own !== undefined && own.points > 0) {
        own.points -= 1;
        return undefined;
      }
      if (own?.isExhausted === true) return own.until - now();
      await more(key);
    }
  };

  const look = async (key: string): Promise<number | undefined> => {
    const own = held.get(key);
    if (own !== undefined && own.points > 0) return undefined;
    const { isExhausted, until } = own?.isExhausted === true ? own : await ask(key, 0);
    return isExhausted ? Math.max(until - now(), 0) : undefined;
  };

  return {
    limit,
    take: (key) => take(key).catch(() => alone.take(key)),
    look: (key) => look(key).catch(() => alone.look(key)),
  };
}
