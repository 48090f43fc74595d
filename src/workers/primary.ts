import type { Concerned } from '../feed/concerned.ts';
import type { Feed } from '../feed/feed.ts';
import { createReloading } from '../reloading.ts';
import { loggerOf, tellRefused } from '../serve.ts';
import { type Source, type Sources, setupWithSources } from '../sources.ts';
import { heedDotenv } from '../start/heed-dotenv.ts';
import { tellStart } from '../start/tell-start.ts';
import { describeFatal } from '../stop/describe-fatal.ts';
import { watchFiles } from '../watch-files.ts';
import { createCounting } from './counting.ts';
import { type Crew, startCrew } from './crew.ts';
import type { Gathering, GatheringParts } from './gathering.ts';
import type { Question, ToWorker } from './messages.ts';
import { createPrimaryFeed } from './primary-feed.ts';

/**
 * Serves nobody itself: it starts the workers and holds what must be one for them all. That is the set-up, the feed of
 * changes from Directus, what is counted, and the word to stop.
 * @throws ConfigError
 */
export async function runPrimary(source: Source, workers: number): Promise<void> {
  const { setup, sources: first } = setupWithSources(source);
  const { variables } = setup;
  const { SERVER_SHUTDOWN_TIMEOUT } = variables;
  const logger = await loggerOf(variables);
  const heed = heedDotenv(source, logger);
  const count = createCounting(Date.now);
  const gathering = variables.METRICS_ENABLED
    ? await loadGathering((id) => crew.tellServing({ kind: 'measure', id }))
    : undefined;
  const answerTo = async (question: Question): Promise<object> =>
    question.kind === 'metrics' ? ((await gathering?.gather()) ?? {}) : await count(question);
  let read = first;
  let current: { readonly sources: Sources; readonly feed: Feed | undefined } = { sources: first, feed: undefined };
  let isStopping = false;

  const feedNow = (changed: Concerned | undefined): ToWorker => {
    const { feed } = current;
    return { kind: 'feed', live: feed?.isLive() ?? false, complete: feed?.isComplete() ?? false, changed };
  };

  const reloading = createReloading({
    setup,
    readAgain: () => {
      const next = setupWithSources(source);
      read = next.sources;
      heed(next.setup);
      return next.setup;
    },
    build: (next) => {
      const mine = {
        sources: read,
        feed: createPrimaryFeed(next.variables, logger, (concerned) => crew.tell(feedNow(concerned))),
      };
      return {
        start: () => {
          current = mine;
          crew.tell({ kind: 'reload', current: mine.sources }); // before anything that the new feed says
          mine.feed?.start();
        },
        stop: () => mine.feed?.stop(),
      };
    },
    logger,
  });

  const crew = startCrew({
    count: workers,
    logger,
    greet: () => [{ kind: 'start', first, current: current.sources, workers }, feedNow('everybody')],
    on: {
      asked: ({ question }, answer) => {
        answerTo(question).then(answer, (error: unknown) => logger.error({ err: error }, 'a worker was not answered'));
      },
      measured: (worker, { id, measures }) => gathering?.hear(worker, id, measures),
      gone: (worker) => gathering?.ended(worker),
      listening: () => {
        tellStart(logger, setup, workers);
        heed(setup);
      },
      refused: (code) => {
        if (isStopping) return;
        isStopping = true;
        process.exitCode = 1;
        tellRefused(logger, variables, code);
        crew.kill();
      },
      ended: (hasFailed) => {
        if (hasFailed) process.exitCode = 1;
        clearInterval(beat);
        unwatch();
        reloading.stop();
        logger.info('stopped');
        setTimeout(() => process.exit(), graceMs).unref();
      },
    },
  });
  const beat = setInterval(() => crew.tell(feedNow(undefined)), beatMs);
  const unwatch = watchFiles(reloading, logger);
  reloading.start();

  process.on('SIGHUP', () => {
    if (!isStopping) reloading.reload();
  });
  const stop = (why: object, signal: StopSignal): void => {
    isStopping = true;
    logger.info(why, 'stopping');
    unwatch();
    setTimeout(() => endAtOnce(crew), SERVER_SHUTDOWN_TIMEOUT + 2 * graceMs).unref(); // the workers' own clocks come first
    crew.stop(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping)
        endAtOnce(crew, 1); // asked twice
      else stop({ signal }, signal);
    });
  }
  process.on('uncaughtException', (error, kind) => {
    process.exitCode = 1;
    logger.fatal({ kind, error: describeFatal(error) }, 'an error was not handled');
    if (isStopping) endAtOnce(crew, 1);
    else stop({ kind }, 'SIGTERM');
  });
}

/** What sums metrics is loaded only where they are on. */
async function loadGathering(ask: GatheringParts['ask']): Promise<Gathering> {
  const { createGathering } = await import('./gathering.ts');
  return createGathering({ ask });
}

type StopSignal = 'SIGTERM' | 'SIGINT';

function endAtOnce(crew: Crew, code?: number): never {
  crew.kill();
  process.exit(code);
}

/** Workers are told so often how the feed stands: its silence tells them that the primary is gone. */
const beatMs = 1_000;

/** For what is left when the last worker has ended: a moment, as nobody waits for it. */
const graceMs = 500;
