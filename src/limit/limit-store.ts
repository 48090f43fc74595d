import type { Logger } from 'pino';
import type { Variables } from '../config/variables.ts';
import { createLimitCounts, type LimitCounts } from './counts.ts';
import type { Ledger } from './ledger.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createOpenRequests, type OpenRequests } from './open-requests.ts';
import { type CreateRate, createRate as createOwnRate } from './rate.ts';
import type { Redis, RedisParts } from './redis.ts';
import { createRedisLedger } from './redis-ledger.ts';

/** What has to outlive a set-up that is read anew, or reading it would be a way to new budgets. */
export type LimitStore = {
  readonly redis: Redis | undefined;
  readonly ledger: Ledger;
  readonly createRate: CreateRate;
  readonly openRequests: OpenRequests;
  readonly counts: LimitCounts;
  readonly logger: Logger;
  /** Connects to Redis, where there is one. */
  start(): void;
  close(): void;
};

export type LimitStoreParts = {
  readonly variables: Pick<Variables, 'REDIS'>;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where it is counted without Redis; in this process when left out. */
  readonly counting?: Counting;
};

/** Where points are counted. */
export type Counting = Pick<LimitStore, 'ledger' | 'createRate'>;

/**
 * Budgets are in Redis wherever there is one: several gateways must not have as many budgets. Redis' client is loaded
 * only then.
 */
export async function createLimitStore(parts: LimitStoreParts): Promise<LimitStore> {
  const { variables, logger, now, counting } = parts;
  const { REDIS } = variables;
  const counts = createLimitCounts();
  const { ledger, createRate } = counting ?? { ledger: createMemoryLedger(now), createRate: createOwnRate };
  const redis = REDIS === undefined ? undefined : await connect({ url: REDIS, logger, counts });
  return {
    redis,
    ledger: redis === undefined ? ledger : createRedisLedger(redis),
    createRate,
    openRequests: createOpenRequests(counts),
    counts,
    logger,
    start: () => redis?.start(),
    close: () => redis?.close(),
  };
}

async function connect(parts: RedisParts): Promise<Redis> {
  const { connectRedis } = await import('./redis.ts');
  return connectRedis(parts);
}
