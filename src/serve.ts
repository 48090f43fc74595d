import type { Logger } from 'pino';
import { createAuditStore } from './audit/audit-store.ts';
import type { Variables } from './config/variables.ts';
import { createGateway, type Gateway } from './create-gateway.ts';
import type { CreateFeed } from './feed/feed.ts';
import { createOpenTunnels } from './front-door/open-tunnels.ts';
import type { LimitStore } from './limit/limit-store.ts';
import { logOutput } from './log/log-output.ts';
import { createLogger } from './log/logger.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Setup } from './read-setup.ts';
import { answering, createReloading, type Reloading } from './reloading.ts';
import { createGatewayServer } from './server.ts';
import type { Stopping } from './stop/stopping.ts';
import type { Tracing } from './tracing/tracing.ts';

export type ServeParts = {
  /** What the process was started with: what belongs to the process is taken from here, whatever is read later. */
  readonly variables: Pick<Variables, 'HOST' | 'PORT' | 'SERVER_SHUTDOWN_TIMEOUT'>;
  readonly setup: Setup;
  readonly readAgain: () => Setup;
  readonly isTerse?: boolean;
  readonly logger: Logger;
  readonly limitStore: LimitStore;
  readonly createFeed?: CreateFeed;
  readonly metrics?: Metrics | undefined;
  readonly tracing: Tracing;
  readonly stopping: Stopping;
  readonly on: {
    readonly listening: () => void;
    /** The address cannot be listened on. */
    readonly refused: (error: NodeJS.ErrnoException) => void;
    /** The process begins to stop. */
    readonly stops: () => void;
    /** No connection is left. */
    readonly ended: () => void;
  };
};

/** Serves, in this process, until it is told to stop or an error was not handled. */
export function serve(parts: ServeParts): Reloading<Gateway> {
  const {
    variables,
    setup,
    readAgain,
    isTerse = false,
    logger,
    limitStore,
    createFeed,
    metrics,
    tracing,
    stopping,
    on,
  } = parts;
  const { HOST, PORT, SERVER_SHUTDOWN_TIMEOUT } = variables;
  const tunnels = createOpenTunnels();
  const feed = createFeed === undefined ? {} : { createFeed };
  const audit = createAuditStore({ logger, now: Date.now });
  process.prependListener('exit', audit.tellLeft); // first, as what is logged is written out then
  const outside = {
    logger,
    now: Date.now,
    isStopping: stopping.hasBegun,
    tunnels,
    limitStore,
    metrics,
    tracing,
    audit,
    ...feed,
  };
  const gateway = createReloading({
    setup,
    readAgain,
    build: (next) => createGateway(next, outside),
    logger,
    isTerse,
  });
  const { handle, upgrades } = answering(gateway);
  const server = createGatewayServer(handle, upgrades);

  server.on('error', (error: NodeJS.ErrnoException) => {
    if (server.listening) logger.error({ err: error }, 'a connection could not be accepted');
    else on.refused(error);
  });
  server.listen(PORT, HOST, () => {
    gateway.start();
    on.listening();
  });
  stopping.of(server, {
    begins: () => {
      on.stops();
      tunnels.close(SERVER_SHUTDOWN_TIMEOUT);
    },
    ends: async (leftMs) => {
      gateway.stop();
      limitStore.close();
      await Promise.all([audit.close(leftMs), tracing.close()]);
      on.ended();
    },
  });
  return gateway;
}

/** As LOG_LEVEL and LOG_STYLE say. */
export async function loggerOf(variables: Pick<Variables, 'LOG_LEVEL' | 'LOG_STYLE'>): Promise<Logger> {
  return createLogger({ level: variables.LOG_LEVEL }, await logOutput(styleOf(variables)));
}

/** For people in a terminal, and for machines elsewhere. */
export const styleOf = ({ LOG_STYLE }: Pick<Variables, 'LOG_STYLE'>): 'pretty' | 'raw' =>
  LOG_STYLE ?? (process.stdout.isTTY ? 'pretty' : 'raw');

type Address = Pick<Variables, 'HOST' | 'PORT'>;

/** Says why the gateway cannot listen. @param code of the error, such as EADDRINUSE */
export function tellRefused(logger: Logger, { HOST, PORT }: Address, code: string | undefined): void {
  const taken = code === 'EADDRINUSE';
  logger.fatal({ code }, taken ? `PORT ${PORT} is taken on HOST ${HOST}` : 'HOST and PORT cannot be listened on');
}
