import type { RequestHandler } from 'express';
import type { Directus } from '../directus/directus.ts';
import type { Feed } from '../feed/feed.ts';
import type { BreakerState } from '../stream/breaker.ts';

export type HealthParts = {
  readonly directus: Directus;
  readonly feed: Feed | undefined;
  /** Of Directus, and of each upstream by its name. */
  readonly breakers: () => Readonly<Record<string, BreakerState>>;
  readonly isStopping: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Readiness: 200 when Directus answers and the gateway is not stopping, else 503. Directus is asked once a second. The
 * feed of changes and the breakers are only shown: without the one the gateway works, and remembers briefly; an open one
 * is no fault of the gateway.
 */
export function health({ directus, feed, breakers, isStopping, now }: HealthParts): RequestHandler {
  let asked = { at: Number.NEGATIVE_INFINITY, answer: Promise.resolve(false) };
  return async (_request, response) => {
    if (now() - asked.at >= 1_000) asked = { at: now(), answer: directus.ping().catch(() => false) };
    const checks = { directus: word(await asked.answer), gateway: word(!isStopping()) };
    const ready = checks.directus === 'ok' && checks.gateway === 'ok';
    const heard = feed === undefined ? 'off' : word(feed.isLive());
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status: word(ready), checks: { ...checks, feed: heard, breakers: breakers() } });
  };
}

const word = (good: boolean): 'ok' | 'error' => (good ? 'ok' : 'error');
