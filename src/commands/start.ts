import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { createGateway } from '../create-gateway.ts';
import { createOpenTunnels } from '../front-door/open-tunnels.ts';
import { createLimitStore } from '../limit/limit-store.ts';
import { createLogger } from '../log/logger.ts';
import type { Setup } from '../read-setup.ts';
import { createReloading, type Reloading, summary } from '../reloading.ts';
import { createGatewayServer, stopServer } from '../server.ts';

/** Serves until it is told to stop. SIGHUP, and a change of the files that it was set up from, set it up anew. */
export function startCommand(readSetup: () => Setup): void {
  const setup = readSetup();
  const { HOST, PORT, LOG_LEVEL, LOG_STYLE, SERVER_SHUTDOWN_TIMEOUT } = setup.variables;
  const logger = createLogger({ level: LOG_LEVEL, style: LOG_STYLE ?? (process.stdout.isTTY ? 'pretty' : 'raw') });
  let stopping = false;
  const tunnels = createOpenTunnels();
  const limitStore = createLimitStore({ variables: setup.variables, logger, now: Date.now });
  const outside = { logger, now: Date.now, isStopping: () => stopping, tunnels, limitStore };
  const gateway = createReloading({
    setup,
    readAgain: readSetup,
    build: (next) => createGateway(next, outside),
    logger,
  });
  const server = createGatewayServer(gateway.handle, gateway.upgrades);

  server.on('error', (error: NodeJS.ErrnoException) => {
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
  process.on('SIGHUP', () => gateway.reload());

  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1); // asked twice: at once
    stopping = true;
    logger.info({ signal }, 'stopping');
    unwatch();
    tunnels.close(SERVER_SHUTDOWN_TIMEOUT);
    await stopServer(server, SERVER_SHUTDOWN_TIMEOUT);
    gateway.stop();
    limitStore.close();
    logger.info('stopped');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
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
    for (const file of ['.env', ...gateway.current().files]) {
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
