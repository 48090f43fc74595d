import type { Variables } from '../config/variables.ts';
import { createGateway } from '../create-gateway.ts';
import { createLogger } from '../log/logger.ts';
import { createGatewayServer, stopServer } from '../server.ts';

/** Serves until it is told to stop. */
export function startCommand(variables: Variables): void {
  const { HOST, PORT, LOG_LEVEL, LOG_STYLE, SERVER_SHUTDOWN_TIMEOUT } = variables;
  const logger = createLogger({ level: LOG_LEVEL, style: LOG_STYLE ?? (process.stdout.isTTY ? 'pretty' : 'raw') });
  let stopping = false;
  const gateway = createGateway(variables, { logger, now: Date.now, isStopping: () => stopping });
  const server = createGatewayServer(gateway.app);

  server.on('error', (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    logger.fatal(
      { err: error },
      taken ? `PORT ${PORT} is taken on HOST ${HOST}` : 'HOST and PORT cannot be listened on',
    );
    process.exitCode = 1;
  });
  server.listen(PORT, HOST, () => {
    gateway.start();
    logger.info({ host: HOST, port: PORT, directus: variables.DIRECTUS_URL, ...switchedOn(variables) }, 'listening');
  });

  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1); // asked twice: at once
    stopping = true;
    logger.info({ signal }, 'stopping');
    await stopServer(server, SERVER_SHUTDOWN_TIMEOUT);
    gateway.stop();
    logger.info('stopped');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What is on, and what is off for want of which variable. */
const switchedOn = (variables: Variables) => ({
  stripe: variables.STRIPE_LIVE_SECRET_KEY === undefined ? 'off: no STRIPE_LIVE_SECRET_KEY' : variables.STRIPE_API_URL,
  twilio: variables.TWILIO_ACCOUNT_SID === undefined ? 'off: no TWILIO_ACCOUNT_SID' : variables.TWILIO_API_URL,
  feed: variables.DIRECTUS_TOKEN === undefined ? 'off: no DIRECTUS_TOKEN' : 'on',
});
