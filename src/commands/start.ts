import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { createGateway } from '../create-gateway.ts';
import { createOpenTunnels } from '../front-door/open-tunnels.ts';
import { createLimitStore } from '../limit/limit-store.ts';
import { logOutput } from '../log/log-output.ts';
import { createLogger } from '../log/logger.ts';
import type { Setup } from '../read-setup.ts';
import { createReloading, type Reloading, summary } from '../reloading.ts';
import { createGatewayServer } from '../server.ts';
import { createStopping } from '../stop/stopping.ts';

/**
 * Serves until it is told to stop, or an error was not handled. SIGHUP, and a change of the files that it was set up
 * from, set it up anew.
 */
export async function startCommand(setup: Setup, readSetup: () => Setup): Promise<void> {
  const { HOST, PORT, LOG_LEVEL, LOG_STYLE, SERVER_SHUTDOWN_TIMEOUT } = setup.variables;
  const output = await logOutput(LOG_STYLE ?? (process.stdout.isTTY ? 'pretty' : 'raw'));
  const logger = createLogger({ level: LOG_LEVEL }, output);
  const tunnels = createOpenTunnels();
  const stopping = createStopping({ logger, timeoutMs: SERVER_SHUTDOWN_TIMEOUT });
  const limitStore = await createLimitStore({ variables: setup.variables, logger, now: Date.now });
  const outside = { logger, now: Date.now, isStopping: stopping.hasBegun, tunnels, limitStore };
  const gateway = createReloading({
    setup,
    readAgain: readSetup,
    build: (next) => createGateway(next, outside),
    logger,
  });
  const server = createGatewayServer(gateway.handle, gateway.upgrades);

  server.on('error', (error: NodeJS.ErrnoException) => {
    if (server.listening) {
      logger.error({ err: error }, 'a connection could not be accepted');
      return;
    }
    const taken = error.code === 'EADDRINUSE';
    logger.fatal(
      { err: error },
      taken ? `PORT ${PORT} is taken on HOST ${HOST}` : 'HOST and PORT cannot be listened on',
    );
    process.exitCode = 1;
    limitStore.close();
  });
  server.listen(PORT, HOST, () => {
    gateway.start();
    logger.info({ host: HOST, port: PORT, ...summary(setup) }, 'listening');
  });

  const unwatch = watchFiles(gateway, logger);
  process.on('SIGHUP', () => {
    if (!stopping.hasBegun()) gateway.reload();
  });

  stopping.of(server, {
    begins: () => {
      unwatch();
      tunnels.close(SERVER_SHUTDOWN_TIMEOUT);
    },
    ends: () => {
      gateway.stop();
      limitStore.close();
    },
  });
}

/**
 * Looks at the files once a second, as mounted ones are replaced in ways that no event tells of (a Kubernetes ConfigMap
 * is a link that changes, an editor writes a new file).
 */
function watchFiles(gateway: Reloading, logger: Logger): () => void {
  const watched = new Set<string>();
  const onChange = (file: string) => {
    logger.info({ file }, 'changed');
    gateway.reload();
    watch();
  };
  const watch = () => {
    for (const file of ['.env', ...gateway.files()]) {
      if (watched.has(file)) continue;
      watched.add(file);
      watchFile(file, { interval: 1_000, persistent: false }, (is, was) => {
        if (is.mtimeMs !== was.mtimeMs || is.ino !== was.ino || is.size !== was.size) onChange(file);
      });
    }
  };
  watch();
  return () => {
    for (const file of watched) unwatchFile(file);
  };
}
