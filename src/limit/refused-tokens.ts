import { LRUCache } from 'lru-cache';
import { GatewayError } from '../errors/gateway-error.ts';
import type { LimitCounts } from './counts.ts';
import { exceeded } from './exceeded.ts';
import type { Rate } from './rate.ts';

/** Asks Directus about a token, unless too many that came from this address were no good. */
export type GuardTokens = <Answer>(
  token: { readonly key: string; readonly address: string },
  ask: () => Promise<Answer>,
) => Promise<Answer>;

export type RefusedTokensParts = {
  /** Of refused tokens, by address. */
  readonly rate: Rate;
  readonly counts: LimitCounts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Keeps those who guess tokens from Directus. A token that was good once is always asked about, so that they cannot lock
 * out those who share their address; and one that has only expired was a good one.
 */
export function guardTokens({ rate, counts, now }: RefusedTokensParts): GuardTokens {
  const good = new LRUCache<string, true>({ max: 10_000 });
  return async ({ key, address }, ask) => {
    if (!good.has(key)) {
      const waitMs = await rate.look(address);
      if (waitMs !== undefined) throw exceeded(counts, { what: 'tokens', limit: rate.limit, waitMs, now: now() });
    }
    try {
      const answer = await ask();
      good.set(key, true);
      return answer;
    } catch (error) {
      if (error instanceof GatewayError && noGood.has(error.code)) await rate.take(address);
      throw error;
    }
  };
}

const noGood: ReadonlySet<string> = new Set(['INVALID_CREDENTIALS', 'INVALID_TOKEN']);
