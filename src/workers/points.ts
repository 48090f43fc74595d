import { createExpiring } from './expiring.ts';
import type { Standing } from './messages.ts';

/** Grants points of a key, as many as are left of those that are asked for. */
export type GrantPoints = (key: string, count: number) => Standing;

export type PointsParts = {
  readonly points: number;
  /** Seconds for which the points are. */
  readonly duration: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** The points of a rate, all workers together. As everywhere, the span of a key begins with its first point. */
export function createPoints({ points, duration, now }: PointsParts): GrantPoints {
  const spans = createExpiring<{ granted: number; readonly until: number }>(now);
  return (key, count) => {
    const span = spans.get(key) ?? { granted: 0, until: now() + duration * 1_000 };
    const granted = Math.min(count, points - span.granted);
    span.granted += granted;
    if (span.granted > 0) spans.set(key, span);
    return { granted, isExhausted: span.granted >= points, until: span.until };
  };
}
