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
/** Those who wait for points of one key, and the answer that they wait for. */
type Line = { waiting: number; answered: Promise<void> | undefined };
type Verdict = { readonly waitMs: number | undefined };

/**
 * A worker's part of a rate that the primary counts. It takes points in handfuls, and asks for more when it has none of
 * this span left; when the primary has none left either, it need not ask again until the span is over. Points are never
 * used after their span, so that all workers together let no more through than the limit.
 */
export function createSharedRate({ limit, handful, ask, alone, now }: SharedRateParts): Rate {
  const held = createExpiring<Held>(now);
  const lines = new Map<string, Line>();

  const fetchPoints = async (key: string, count: number): Promise<void> => {
    const { granted, isExhausted, until } = await ask(key, count);
    held.set(key, { points: granted, isExhausted, until });
  };

  /** One question for all in the line, for as many points as they need. */
  const more = async (key: string, line: Line): Promise<void> => {
    line.answered ??= fetchPoints(key, Math.max(handful, line.waiting)).finally(() => {
      line.answered = undefined;
    });
    await line.answered;
  };

  /** By what this worker knows; undefined where the primary has to be asked. */
  const takeHeld = (key: string): Verdict | undefined => {
    const own = held.get(key);
    if (own !== undefined && own.points > 0) {
      own.points -= 1;
      return { waitMs: undefined };
    }
    return own?.isExhausted === true ? { waitMs: own.until - now() } : undefined;
  };

  const take = async (key: string): Promise<number | undefined> => {
    let verdict = takeHeld(key);
    if (verdict !== undefined) return verdict.waitMs;
    const line = lines.get(key) ?? { waiting: 0, answered: undefined };
    lines.set(key, line);
    line.waiting += 1;
    try {
      for (; verdict === undefined; verdict = takeHeld(key)) await more(key, line);
      return verdict.waitMs;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) lines.delete(key);
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
