import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Variables } from '../config/variables.ts';
import { createLimitStore } from '../limit/limit-store.ts';
import { loadMetrics } from '../metrics/load-metrics.ts';
import type { Setup } from '../read-setup.ts';
import { loggerOf, serve, tellRefused } from '../serve.ts';
import { type Source, setupFrom } from '../sources.ts';
import { heedDotenv } from '../start/heed-dotenv.ts';
import { tellStart } from '../start/tell-start.ts';
import { createStopping } from '../stop/stopping.ts';
import { loadTracing } from '../tracing/load-tracing.ts';
import { watchFiles } from '../watch-files.ts';

/**
 * Serves until it is told to stop, or an error was not handled. SIGHUP, and a change of the files that it was set up
 * from, set it up anew.
 */
export async function startCommand(setup: Setup, source: Source): Promise<void> {
  const workers = workerCount(setup.variables.WORKERS);
  // One of a cluster that somebody else has started is a gateway by itself.
  if (workers > 1 && cluster.isPrimary) {
    const { runPrimary } = await import('../workers/primary.ts');
    await runPrimary(source, workers);
  } else await serveAlone(setup, source);
}

/** The whole gateway in this process. */
async function serveAlone(setup: Setup, source: Source): Promise<void> {
  const { variables } = setup;
  const { SERVER_SHUTDOWN_TIMEOUT } = variables;
  const logger = await loggerOf(variables);
  const heed = heedDotenv(source, logger);
  const stopping = createStopping({ logger, timeoutMs: SERVER_SHUTDOWN_TIMEOUT });
  const limitStore = await createLimitStore({ variables, logger, now: Date.now });
  const gateway = serve({
    variables,
    setup,
    readAgain: () => {
      const next = setupFrom(source);
      heed(next);
      return next;
    },
    logger,
    limitStore,
    metrics: await loadMetrics(variables, limitStore),
    tracing: await loadTracing(variables, logger),
    stopping,
    on: {
      listening: () => {
        tellStart(logger, setup);
        heed(setup);
      },
      refused: (error) => {
        tellRefused(logger, variables, error.code);
        process.exitCode = 1;
        limitStore.close();
      },
      stops: () => unwatch(),
      ended: () => undefined,
    },
  });
  const unwatch = watchFiles(gateway, logger);
  process.on('SIGHUP', () => {
    if (!stopping.hasBegun()) gateway.reload();
  });
}

/** `auto`: as many as there are cores, or as a container's CPU limit leaves. */
const workerCount = (wanted: Variables['WORKERS']): number => (wanted === 'auto' ? availableParallelism() : wanted);
