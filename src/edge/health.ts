import type { RequestHandler } from 'express';
import type { Directus } from '../directus/directus.ts';

export type HealthParts = {
  readonly directus: Directus;
  readonly isStopping: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Readiness: 200 when Directus answers and the gateway is not stopping, else 503. Directus is asked once a second. */
export function health({ directus, isStopping, now }: HealthParts): RequestHandler {
  let asked = { at: Number.NEGATIVE_INFINITY, answer: Promise.resolve(false) };
  return async (_request, response) => {
    if (now() - asked.at >= 1_000) asked = { at: now(), answer: directus.ping().catch(() => false) };
    const checks = { directus: word(await asked.answer), gateway: word(!isStopping()) };
    const ready = checks.directus === 'ok' && checks.gateway === 'ok';
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status: word(ready), checks });
  };
}

const word = (good: boolean): 'ok' | 'error' => (good ? 'ok' : 'error');
