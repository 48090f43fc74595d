import type { Logger } from 'pino';
import type { AuditItem } from './audit-item.ts';
import { type AuditQueueLimits, createAuditQueue, hasAnswered, type Settled } from './audit-queue.ts';
import type { SendItems } from './send-items.ts';

/** What became of items since the start. */
export type AuditCounts = {
  written: number;
  /** Logged, as too many were waiting. */
  full: number;
  /** Logged, as Directus does not take them. */
  refused: number;
  /** Logged, as the process has ended. */
  stopped: number;
};

/** What has been noted of writes and is not in Directus yet. It outlives a set-up that is read anew. */
export type AuditStore = {
  /** From now on items go there, those that wait too. */
  aim(send: SendItems): void;
  /** A write is on its way upstream. @param describe makes its item of what is known by then */
  open(describe: () => AuditItem): OpenWrite;
  readonly counts: AuditCounts;
  /** How many items wait. */
  waiting(): number;
  /** Sends what waits, for so long, and logs what is left then. */
  close(withinMs: number): Promise<void>;
  /** Logs what is left, at once: for a process that is about to end. */
  tellLeft(): void;
};

export type OpenWrite = {
  /** It has ended: its item waits for Directus. */
  ended(): void;
  /** Nothing of it was sent: there is no item. */
  dropped(): void;
};

export type AuditStoreParts = {
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly limits?: AuditQueueLimits | undefined;
};

/** Sends items one batch after another, while there are any. Whatever does not get to Directus gets into the log. */
export function createAuditStore({ logger, now, limits }: AuditStoreParts): AuditStore {
  const queue = createAuditQueue(limits);
  const counts: AuditCounts = { written: 0, full: 0, refused: 0, stopped: 0 };
  const underWay = new Set<() => AuditItem>();
  let send: SendItems | undefined;
  let isSending = false;
  let isFailing = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let onEmpty = () => {};

  const tell = (reason: Exclude<keyof AuditCounts, 'written'>, item: AuditItem, code?: string) => {
    counts[reason] += 1;
    logger.error({ reason, code, item }, 'audit item not written');
  };

  const add = (item: AuditItem) => {
    if (isClosed) tell('stopped', item);
    else if (queue.add(item, now())) advance();
    else tell('full', item);
  };

  const settled = ({ written, lost }: Settled, isThere: boolean) => {
    counts.written += written;
    for (const { item, code } of lost) tell('refused', item, code);
    if (isThere === isFailing) {
      isFailing = !isThere;
      if (isFailing) logger.warn({ waiting: queue.length() }, 'Directus takes no audit items; they wait');
      else logger.info({ waiting: queue.length() }, 'Directus takes audit items again');
    }
  };

  const sendNext = async (to: SendItems) => {
    isSending = true;
    const sent = await to(queue.next());
    isSending = false;
    if (isClosed) return; // they were told of as left
    settled(queue.settle(sent, now()), hasAnswered(sent));
    advance();
  };

  const advance = () => {
    clearTimeout(timer);
    if (queue.length() === 0 && underWay.size === 0) onEmpty();
    if (isSending || isClosed || send === undefined || queue.length() === 0) return;
    const waitMs = queue.dueAt() - now();
    if (waitMs > 0) timer = setTimeout(advance, waitMs);
    else sendNext(send).catch((error: unknown) => logger.error({ err: error }, 'audit items could not be sent'));
  };

  const tellLeft = () => {
    isClosed = true;
    clearTimeout(timer);
    const unfinished = [...underWay].map((describe) => describe());
    underWay.clear();
    for (const item of [...queue.empty(), ...unfinished]) tell('stopped', item);
  };

  return {
    aim: (next) => {
      send = next;
      advance();
    },
    open: (describe) => {
      underWay.add(describe);
      return {
        ended: () => {
          if (underWay.delete(describe)) add(describe());
        },
        dropped: () => {
          underWay.delete(describe);
          advance();
        },
      };
    },
    counts,
    waiting: queue.length,
    close: async (withinMs) => {
      const { promise: isEmpty, resolve } = Promise.withResolvers<void>();
      onEmpty = resolve;
      const end = setTimeout(resolve, withinMs);
      queue.hurry();
      advance();
      await isEmpty;
      clearTimeout(end);
      tellLeft();
    },
    tellLeft,
  };
}
