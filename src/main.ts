import { readFileSync } from 'node:fs';
import { config as loadDotenv } from 'dotenv';
import { ConfigError, readVariables } from './config/read-variables.ts';
import type { Variables } from './config/variables.ts';
import { createGateway } from './create-gateway.ts';
import { createLogger } from './log/logger.ts';
import { createGatewayServer, stopServer } from './server.ts';

loadDotenv({ quiet: true });
start(variablesOrExit());

function variablesOrExit(): Variables {
  try {
    return readVariables(process.env, (path) => readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nEvery variable is explained in .env.example.\n`);
    process.exit(1);
  }
}

function start(variables: Variables): void {
  const { HOST, PORT, LOG_LEVEL, LOG_STYLE, SERVER_SHUTDOWN_TIMEOUT } = variables;
  const logger = createLogger({ level: LOG_LEVEL, style: LOG_STYLE ?? (process.stdout.isTTY ? 'pretty' : 'raw') });
  let stopping = false;
  const server = createGatewayServer(createGateway(variables, { logger, now: Date.now, isStopping: () => stopping }));

  server.on('error', (error: NodeJS.ErrnoException) => {
    const hint =
      error.code === 'EADDRINUSE' ? `PORT ${PORT} is taken on HOST ${HOST}` : 'HOST and PORT cannot be listened on';
    logger.fatal({ err: error }, hint);
    process.exitCode = 1;
  });
  server.listen(PORT, HOST, () => {
    logger.info({ host: HOST, port: PORT, directus: variables.DIRECTUS_URL, ...switchedOn(variables) }, 'listening');
  });

  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    await stopServer(server, SERVER_SHUTDOWN_TIMEOUT);
    logger.info('stopped');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const switchedOn = (variables: Variables) => ({
  stripe: variables.STRIPE_LIVE_SECRET_KEY === undefined ? 'off' : variables.STRIPE_API_URL,
  twilio: variables.TWILIO_ACCOUNT_SID === undefined ? 'off' : variables.TWILIO_API_URL,
});
