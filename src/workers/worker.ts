import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { createLimitStore } from '../limit/limit-store.ts';
import { loadMetrics } from '../metrics/load-metrics.ts';
import { loggerOf, serve } from '../serve.ts';
import { setupFrom, sourceOf } from '../sources.ts';
import { createStopping } from '../stop/stopping.ts';
import { loadTracing } from '../tracing/load-tracing.ts';
import { type Channel, openChannel } from './channel.ts';
import type { ToWorker } from './messages.ts';
import { createSharedCounting } from './shared-counting.ts';
import { createSharedFeed, type SharedFeed } from './shared-feed.ts';
import { createSharedMetrics } from './shared-metrics.ts';

type Told = Exclude<ToWorker, { kind: 'answer' }>;
type Start = Extract<ToWorker, { kind: 'start' }>;
type Reload = Extract<ToWorker, { kind: 'reload' }>;

/** What a worker does with what it is told later. */
type Running = {
  readonly logger: Logger;
  readonly reload: (message: Reload) => void;
  readonly stop: (signal: NodeJS.Signals) => void;
  readonly measure: (id: number) => void;
};

/**
 * One of several processes that serve on one port, for a primary that tells it everything: the set-up, changes in
 * Directus, when to stop. Where the primary is gone, Node ends the worker.
 */
export function runWorker(): void {
  // A terminal sends them to the whole group; the primary passes on what a worker has to know.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

  const feed = createSharedFeed();
  let running: Running | undefined;
  const obey = async (message: Told): Promise<void> => {
    switch (message.kind) {
      case 'start':
        running = await begin(message, feed, channel);
        return;
      case 'reload':
        feed.cut();
        running?.reload(message);
        return;
      case 'feed':
        feed.hear(message);
        return;
      case 'measure':
        running?.measure(message.id);
        return;
      case 'stop':
        running?.stop(message.signal);
        return;
    }
  };
  let turn = Promise.resolve();
  const hear = (message: Told): void => {
    turn = turn.then(() => obey(message)); // in the order in which they were said
  };
  const channel = openChannel({
    hear,
    onSilence: (isSilent) => {
      if (isSilent) running?.logger.error('the primary does not answer: budgets are refused, rates are counted alone');
      else running?.logger.info('the primary answers again');
    },
  });
  cluster.worker?.on('disconnect', () => running?.logger.error('the primary is gone'));
  channel.send({ kind: 'hello' });
}

async function begin(start: Start, feed: SharedFeed, channel: Channel): Promise<Running> {
  const { variables } = setupFrom(sourceOf(start.first));
  let source = sourceOf(start.current);
  let stop: (signal: NodeJS.Signals) => void = () => process.exit(1);

  const logger = (await loggerOf(variables)).child({ worker: cluster.worker?.id });
  const stopping = createStopping({
    logger,
    timeoutMs: variables.SERVER_SHUTDOWN_TIMEOUT,
    onStop: (listener) => {
      stop = listener;
    },
    isOneOfSeveral: true,
  });
  const now = Date.now;
  const counting = createSharedCounting({ ask: channel.ask, workers: start.workers, now });
  const limitStore = await createLimitStore({ variables, logger, now, counting });
  const shared = createSharedMetrics(await loadMetrics(variables, limitStore), channel, logger);
  const gateway = serve({
    variables,
    setup: setupFrom(source),
    readAgain: () => setupFrom(source),
    isTerse: true,
    logger,
    limitStore,
    createFeed: feed.createFeed,
    metrics: shared?.metrics,
    tracing: await loadTracing(variables, logger),
    stopping,
    on: {
      listening: () => logger.info({ pid: process.pid }, 'serving'),
      refused: ({ code }) => channel.send({ kind: 'refused', code }),
      stops: () => undefined,
      ended: () => {
        feed.stop();
        channel.release();
      },
    },
  });
  return {
    logger,
    reload: ({ current }) => {
      source = sourceOf(current);
      if (!stopping.hasBegun()) gateway.reload();
    },
    stop: (signal) => stop(signal),
    measure: (id) => shared?.measure(id),
  };
}
