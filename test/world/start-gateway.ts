import type { Server } from 'node:http';
import { Writable } from 'node:stream';
import { readVariables } from '../../src/config/read-variables.ts';
import { createGateway } from '../../src/create-gateway.ts';
import { createLogger } from '../../src/log/logger.ts';
import { createGatewayServer } from '../../src/server.ts';
import { listen } from './listen.ts';

export type RunningGateway = {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Every line that was logged. */
  logs(): string;
  stop(): Promise<void>;
};

export type GatewayOptions = {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

/** The whole gateway on a real socket, set up by variables as a user would. */
export async function startGateway(
  environment: Record<string, string>,
  { now = Date.now }: GatewayOptions = {},
): Promise<RunningGateway> {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const variables = readVariables(environment, () => {
    throw new Error('no files here');
  });
  const logger = createLogger({ level: 'debug', style: 'raw' }, destination);
  const server = createGatewayServer(createGateway(variables, { logger, now, isStopping: () => false }));
  const { origin, port, stop } = await listen(server);
  return { url: origin, port, server, logs: () => lines.join(''), stop };
}
