import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { LimitCounts } from './counts.ts';
import type { Redis } from './redis.ts';

/** How often something may happen, for each key. */
export type Rate = {
  readonly limit: number;
  /** Counts one. The milliseconds to wait where that is one too many. */
  take(key: string): Promise<number | undefined>;
  /** Counts none. The milliseconds to wait where the next would be one too many. */
  look(key: string): Promise<number | undefined>;
};

export type RateParts = {
  /** Keeps its keys apart from those of other rates. */
  readonly name: string;
  readonly points: number;
  /** Seconds for which the points are. */
  readonly duration: number;
  /** Where several gateways count together; without it, this process counts alone. */
  readonly redis: Redis | undefined;
  readonly counts: LimitCounts;
};

export type CreateRate = (parts: RateParts) => Rate;

/** A rate. While Redis is gone, this process counts alone: a limit that is looser is better than none, or no service. */
export function createRate({ name, points, duration, redis, counts }: RateParts): Rate {
  const settings = { points, duration, keyPrefix: `directus-gateway:rate:${name}` };
  const here = new RateLimiterMemory(settings);
  const together =
    redis === undefined
      ? undefined
      : new RateLimiterRedis({ ...settings, storeClient: redis.client, useRedisPackage: true });

  const ask = (question: Question): Promise<number | undefined> =>
    redis === undefined || together === undefined ? question(here) : askTogether(question, redis, together);

  const askTogether = async (question: Question, redis: Redis, together: Limiter): Promise<number | undefined> => {
    try {
      return await redis.ask(() => question(together));
    } catch {
      counts.redis.ratesFromMemory += 1;
      return await question(here);
    }
  };

  return {
    limit: points,
    take: (key) => ask((limiter) => limiter.consume(key).then(nothing, waitMs)),
    look: (key) =>
      ask(async (limiter) => {
        const standing = await limiter.get(key);
        return standing === null || standing.consumedPoints < points ? undefined : Math.max(standing.msBeforeNext, 0);
      }),
  };
}

type Limiter = Pick<RateLimiterMemory, 'consume' | 'get'>;
type Question = (limiter: Limiter) => Promise<number | undefined>;

const nothing = () => undefined;

/** What it rejects with is a refusal, or else a failure of the store. */
function waitMs(refusal: unknown): number {
  if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
  throw refusal;
}
