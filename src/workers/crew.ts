import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { type FromWorker, fromWorker, type ToWorker } from './messages.ts';

export type CrewParts = {
  /** How many workers there are to be. */
  readonly count: number;
  readonly logger: Logger;
  /** What a worker is told first. */
  readonly greet: () => readonly ToWorker[];
  readonly on: {
    readonly asked: (question: Extract<FromWorker, { kind: 'ask' }>, answer: (answer: object) => void) => void;
    readonly measured: (worker: number, message: Extract<FromWorker, { kind: 'measured' }>) => void;
    /** This one has ended, whether or not it is replaced. */
    readonly gone: (worker: number) => void;
    /** All of them listen, for the first time. */
    readonly listening: () => void;
    /** The address cannot be listened on. */
    readonly refused: (code: string | undefined) => void;
    /** None is left, and none is to come back. */
    readonly ended: (hasFailed: boolean) => void;
  };
};

/** The workers, each of which is replaced when it ends by itself. */
export type Crew = {
  /** Tells those that have been greeted. */
  tell(message: ToWorker): void;
  /** Tells those that serve, and says which these are. */
  tellServing(message: ToWorker): readonly number[];
  /** Has each end in its own time. */
  stop(signal: 'SIGTERM' | 'SIGINT'): void;
  /** Ends all at once. */
  kill(): void;
};

type Ending = { readonly code: number | null; readonly signal?: string | null; readonly err?: Error };

export function startCrew({ count, logger, greet, on }: CrewParts): Crew {
  const alive = new Set<Worker>();
  const greeted = new Set<Worker>();
  const listening = new Set<Worker>();
  let hasListened = false;
  let isStopping = false;
  let hasFailed = false;
  let quickEnds = 0;

  const welcome = (worker: Worker): void => {
    greeted.add(worker);
    for (const each of greet()) send(worker, each);
  };

  const hear = (worker: Worker, message: FromWorker): void => {
    switch (message.kind) {
      case 'hello':
        if (isStopping)
          kill(worker); // serves nobody yet
        else welcome(worker);
        return;
      case 'ask':
        on.asked(message, (answer) => send(worker, { kind: 'answer', id: message.id, answer }));
        return;
      case 'measured':
        if (alive.has(worker)) on.measured(worker.id, message); // what it says may come after its end
        return;
      case 'refused':
        on.refused(message.code);
        return;
    }
  };

  const fork = (): void => {
    if (isStopping) return;
    const bornAt = performance.now();
    const worker = cluster.fork();
    alive.add(worker);
    worker.on('message', (text: unknown) => {
      const { data: message } = fromWorker.safeParse(text); // others may use the channel too
      if (message !== undefined) hear(worker, message);
    });
    worker.on('listening', () => {
      listening.add(worker);
      if (hasListened || listening.size < count) return;
      hasListened = true;
      on.listening();
    });
    worker.on('exit', (code, signal) => end(worker, bornAt, { code, signal }));
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) end(worker, bornAt, { code: 1, err: error }); // it never began
    });
  };

  const end = (worker: Worker, bornAt: number, how: Ending): void => {
    for (const workers of [alive, greeted, listening]) workers.delete(worker);
    on.gone(worker.id);
    if (isStopping) {
      hasFailed ||= how.code !== null && how.code !== 0;
      if (alive.size === 0) on.ended(hasFailed);
      return;
    }
    if (performance.now() - bornAt >= longLifeMs) quickEnds = 0;
    const pauseMs = quickEnds === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (quickEnds - 1));
    quickEnds += 1;
    logger.error({ worker: worker.id, ...how, pauseMs }, 'a worker has ended unexpectedly, and is replaced');
    setTimeout(fork, pauseMs);
  };

  // Not in turn: a connection that is being handed to a worker that ends is lost by Node, and hangs.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ args: ['worker'] });
  for (let number = 0; number < count; number += 1) fork();

  return {
    tell: (message) => {
      for (const worker of greeted) send(worker, message);
    },
    tellServing: (message) => {
      for (const worker of listening) send(worker, message);
      return [...listening].map(({ id }) => id);
    },
    stop: (signal) => {
      isStopping = true;
      for (const worker of alive) {
        if (greeted.has(worker)) send(worker, { kind: 'stop', signal });
        else kill(worker); // serves nobody yet
      }
      if (alive.size === 0) on.ended(false);
    },
    kill: () => {
      isStopping = true;
      for (const worker of alive) kill(worker);
    },
  };
}

/** One that has ended hears nothing, and is replaced anyway. */
const send = (worker: Worker, message: ToWorker): void => {
  worker.send(message, () => undefined);
};

const kill = (worker: Worker): void => {
  worker.process.kill('SIGKILL');
};

/** A worker that has lived so long did not end because of how it began. */
const longLifeMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
