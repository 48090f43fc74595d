import { GatewayError } from '../errors/gateway-error.ts';
import type { LimitCounts, Limited } from './counts.ts';

export type Excess = {
  readonly what: Limited;
  /** How many there may be. */
  readonly limit: number;
  /** Milliseconds until there may be more. */
  readonly waitMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** 429 as Directus has it, with the seconds to wait; counts it. */
export function exceeded(counts: LimitCounts, { what, limit, waitMs, now }: Excess): GatewayError {
  counts.refused[what] += 1;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new GatewayError('REQUESTS_EXCEEDED', {
    message: `Too many requests, retry after ${seconds}s.`,
    extensions: { limit, reset: new Date(now + waitMs).toISOString() },
    headers: { 'Retry-After': String(seconds) },
    logReason: `too_many:${what}`,
  });
}
