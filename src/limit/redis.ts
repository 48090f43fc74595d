import { createClient } from '@redis/client';
import type { Logger } from 'pino';
import type { LimitCounts } from './counts.ts';

export type RedisClient = ReturnType<typeof clientOf>;

/** A Redis that may be gone, or hang, at any time. */
export type Redis = {
  /** Lets it be asked. Rejects when there is no answer in time, at once while it is known to be gone. */
  ask<Answer>(question: (client: RedisClient) => Promise<Answer>): Promise<Answer>;
  /** The client, for who asks by other means, within `ask`. */
  readonly client: RedisClient;
  /** Begins to connect, once. */
  start(): void;
  close(): void;
};

export type RedisParts = {
  /** REDIS. May hold a password: never logged. */
  readonly url: string;
  readonly logger: Logger;
  readonly counts: LimitCounts;
  /** Until an answer counts as not coming. */
  readonly timeoutMs?: number | undefined;
  /** For how long it is not asked again then. */
  readonly restMs?: number | undefined;
};

/**
 * Connects, and connects again for as long as it takes. A question that Redis does not answer is not asked twice, and
 * none waits in a queue: while Redis is gone, whoever asks must know at once. After a failure it is left alone for a
 * moment, and then asked by one before all others.
 */
export function connectRedis({ url, logger, counts, timeoutMs = 250, restMs = 1_000 }: RedisParts): Redis {
  const client = clientOf(url);
  let restUntil = Number.NEGATIVE_INFINITY;
  let isDown = false;
  let isProbed = false;

  let connected: Promise<unknown> | undefined;
  const connect = () => {
    connected = client.connect().catch(() => undefined); // goes on trying
  };
  const start = () => {
    if (connected === undefined) connect();
  };
  client.on('error', () => {
    // Told below, by who asks. A connection that is there still has said what nobody understands: the client would give
    // each further answer to the question before.
    if (!client.isReady) return;
    client.destroy();
    connect();
  });

  const fell = (cause: unknown): void => {
    counts.redis.failures += 1;
    restUntil = performance.now() + restMs;
    if (!isDown) logger.error({ err: cause }, 'Redis is gone: budgets are refused, rates are counted here alone');
    isDown = true;
  };
  const rose = (): void => {
    if (isDown) logger.info('Redis is back');
    isDown = false;
  };

  return {
    client,
    ask: async (question) => {
      if (isDown && (isProbed || performance.now() < restUntil)) throw new Error('Redis is gone.');
      isProbed = isDown;
      try {
        if (!client.isReady && !client.isOpen) start();
        if (!client.isReady) await within(timeoutMs, connected ?? Promise.resolve()); // the first time
        if (!client.isReady) throw new Error('Redis is not connected.');
        const answer = await within(timeoutMs, question(client));
        rose();
        return answer;
      } catch (error) {
        fell(error);
        throw error;
      } finally {
        isProbed = false;
      }
    },
    start,
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

/** A connection that stays silent is given up, for the other end may have vanished without a word. */
const clientOf = (url: string) =>
  createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    pingInterval: 2_000,
    socket: {
      connectTimeout: 2_000,
      socketTimeout: 5_000,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, 1_000),
    },
  });

async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Redis has not answered within ${ms} ms.`)), ms);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
