import type { ServerResponse } from 'node:http';
import type { Variables } from '../config/variables.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { exceeded } from './exceeded.ts';
import type { LimitStore } from './limit-store.ts';
import { networkOf } from './network-of.ts';
import type { Rate } from './rate.ts';
import { type GuardTokens, guardTokens } from './refused-tokens.ts';
import { createSpend, type Spend } from './spend.ts';

/** What holds callers to a measure. All of it fails with REQUESTS_EXCEEDED. */
export type Limit = {
  /** Before Directus is asked. */
  address(address: string): Promise<void>;
  /** When Directus has said who it is. */
  caller(accountability: Accountability): Promise<void>;
  /** Counts the request as one under way until its answer has ended. Fails with UPSTREAM_UNAVAILABLE too. */
  open(upstream: Upstream, accountability: Accountability, response: ServerResponse): void;
  /** Before Directus is asked about a token. */
  readonly tokens: GuardTokens;
  readonly spend: Spend;
};

type RateVariables = Pick<
  Variables,
  'RATE_LIMITER_ENABLED' | 'RATE_LIMITER_POINTS' | 'RATE_LIMITER_DURATION' | 'RATE_LIMITER_STORE'
>;

/** @param now milliseconds since the epoch */
export function createLimit(variables: RateVariables, store: LimitStore, now: () => number): Limit {
  const { counts, logger, ledger, openRequests } = store;
  const redis = variables.RATE_LIMITER_STORE === 'redis' ? store.redis : undefined;
  const isOn = variables.RATE_LIMITER_ENABLED;
  const usual = { points: variables.RATE_LIMITER_POINTS, duration: variables.RATE_LIMITER_DURATION };
  const rate = (name: string, allowed: { readonly points: number; readonly duration: number }): Rate =>
    store.createRate({ name, ...allowed, redis, counts });

  const addresses = rate('address', usual);
  const callers = rate('caller', usual);
  const take = async (what: 'address' | 'caller', { take, limit }: Rate, key: string): Promise<void> => {
    const waitMs = isOn ? await take(key) : undefined;
    if (waitMs !== undefined) throw exceeded(counts, { what, limit, waitMs, now: now() });
  };
  const guard = guardTokens({ rate: rate('refused', refusedTokens), counts, now });

  return {
    address: (address) => take('address', addresses, networkOf(address)),
    caller: async (accountability) => {
      const { user, share } = accountability;
      if (user !== null || share !== null) return await take('caller', callers, whoOf(accountability));
    },
    open: (upstream, accountability, response) => openRequests.enter(upstream, whoOf(accountability), response, now()),
    tokens: isOn ? ({ key, address }, ask) => guard({ key, address: networkOf(address) }, ask) : (_token, ask) => ask(),
    spend: createSpend({ ledger, counts, logger, now }),
  };
}

/** Nobody mistypes a token more often, and nobody guesses one with so few tries. */
const refusedTokens = { points: 20, duration: 60 };

/** The user, else the share, else the address. */
const whoOf = ({ user, share, ip }: Accountability): string => {
  if (user !== null) return JSON.stringify(['user', user]);
  return JSON.stringify(share === null ? ['address', networkOf(ip)] : ['share', share]);
};
