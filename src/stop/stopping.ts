import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { followConnections } from './connections.ts';
import { describeFatal } from './describe-fatal.ts';
import { stopServer } from './stop-server.ts';

export type StoppingParts = {
  readonly logger: Logger;
  /** SERVER_SHUTDOWN_TIMEOUT */
  readonly timeoutMs: number;
  /** Who tells it to stop; the process' signals when left out. */
  readonly onStop?: ((listener: (signal: NodeJS.Signals) => void) => void) | undefined;
  /** Whether other processes take the connections over at once, so that no load balancer has to notice a failure. */
  readonly isOneOfSeveral?: boolean;
};

export type Stopped = {
  /** When the process begins to stop. */
  readonly begins: () => void;
  /** When no connection is left. @param leftMs for what is still to do: more is not waited for */
  readonly ends: (leftMs: number) => Promise<void>;
};

export type Stopping = {
  readonly hasBegun: () => boolean;
  /** Has the process stop this server for a signal or an unhandled error. */
  of(server: Server, stopped: Stopped): void;
};

/** How the process ends: once, and always. */
export function createStopping({
  logger,
  timeoutMs,
  onStop = onSignals,
  isOneOfSeveral = false,
}: StoppingParts): Stopping {
  let begun = false;
  let failed = false;

  return {
    hasBegun: () => begun,
    of: (server, { begins, ends }) => {
      const connections = followConnections(server);
      const stop = async (why: object, drain: boolean) => {
        begun = true;
        const began = performance.now();
        logger.info(why, 'stopping');
        setTimeout(() => process.exit(), timeoutMs + graceMs).unref(); // where something else keeps the process alive
        begins();
        await stopServer(server, connections, { timeoutMs, drain });
        const leftMs = Math.max(0, timeoutMs - (performance.now() - began)) + lastWordMs;
        await within(leftMs, ends(leftMs));
        logger.info('stopped');
        setTimeout(() => process.exit(), graceMs).unref();
      };

      onStop(async (signal) => {
        if (begun) process.exit(1); // asked twice: at once
        await stop({ signal }, signal === 'SIGTERM');
      });

      const onFailure = async (error: unknown, kind: string) => {
        process.exitCode = 1;
        logger.fatal({ kind, error: describeFatal(error) }, 'an error was not handled');
        if (failed) process.exit(1); // nothing is sure any more
        failed = true;
        if (!begun) await stop({ kind }, !isOneOfSeveral);
      };
      process.on('uncaughtException', onFailure); // rejections too, which Node makes one of
    },
  };
}

function onSignals(listener: (signal: NodeJS.Signals) => void): void {
  process.on('SIGTERM', listener);
  process.on('SIGINT', listener);
}

/** Waits for the work, and for so long at most. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

/** For the end where connections have taken all of the time. */
const lastWordMs = 250;

/** For what is left when the last connection has ended: a moment, as nobody waits for it. */
const graceMs = 500;
