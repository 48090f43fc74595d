import type { Server } from 'node:http';
import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { AuditQueueLimits } from '../../src/audit/audit-queue.ts';
import { createAuditStore } from '../../src/audit/audit-store.ts';
import { createGateway, type Gateway, type Limits } from '../../src/create-gateway.ts';
import { createOpenTunnels, type OpenTunnels } from '../../src/front-door/open-tunnels.ts';
import { createLimitStore, type LimitStore } from '../../src/limit/limit-store.ts';
import { createLogger } from '../../src/log/logger.ts';
import { loadMetrics } from '../../src/metrics/load-metrics.ts';
import { readSetup } from '../../src/read-setup.ts';
import { createGatewayServer, type ServerLimits } from '../../src/server.ts';
import { type Connections, followConnections } from '../../src/stop/connections.ts';
import { loadTracing } from '../../src/tracing/load-tracing.ts';
import { listen } from './listen.ts';
import { until } from './until.ts';
import { type Wire, wiretap } from './wiretap.ts';

export type RunningGateway = {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly connections: Connections;
  readonly wire: Wire;
  /** Resolves when this many requests have come since the start. */
  taken(count: number): Promise<void>;
  /** Every line that was logged. */
  logs(): string;
  /** The first line that the test accepts, now or later: the access log is written when an answer has ended. */
  logged(accept: (line: LogLine) => boolean): Promise<LogLine>;
  /** As when the gateway is told to stop. */
  closeTunnels(withinMs: number): void;
  stop(): Promise<void>;
};

export type LogLine = Readonly<Record<string, unknown>>;

export type GatewayOptions = {
  readonly isStopping?: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly limits?: Partial<Limits>;
  readonly limitStore?: LimitStore;
  readonly auditLimits?: AuditQueueLimits;
  /** What gateway.yaml says. */
  readonly config?: string;
  readonly serverLimits?: ServerLimits;
};

/** The whole gateway on a real socket, set up by variables as a user would. */
export async function startGateway(
  environment: Record<string, string>,
  {
    now = Date.now,
    isStopping = () => false,
    limits = {},
    config,
    limitStore,
    auditLimits,
    serverLimits,
  }: GatewayOptions = {},
): Promise<RunningGateway> {
  const setup = readSetup(environment, onlyConfig(config));
  const create = async (logger: Logger, tunnels: OpenTunnels) => {
    const store = limitStore ?? (await createLimitStore({ variables: setup.variables, logger, now }));
    const metrics = await loadMetrics(setup.variables, store);
    const tracing = await loadTracing(setup.variables, logger);
    const audit = createAuditStore({ logger, now, limits: auditLimits });
    const gateway = createGateway(setup, {
      logger,
      now,
      isStopping,
      limits,
      tunnels,
      limitStore: store,
      metrics,
      tracing,
      audit,
    });
    const stop = () => {
      gateway.stop();
      audit.tellLeft();
      if (limitStore === undefined) store.close();
    };
    return { ...gateway, stop, close: tracing.close };
  };
  return await startApp(create, serverLimits);
}

/** A folder that holds gateway.yaml, or nothing at all. */
export const onlyConfig =
  (config: string | undefined) =>
  (path: string): string => {
    if (path === 'gateway.yaml' && config !== undefined) return config;
    throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
  };

type Served = Pick<Gateway, 'app' | 'start' | 'stop'> &
  Partial<Pick<Gateway, 'upgrades'>> & { readonly close?: () => Promise<void> };

/** A gateway on a real socket, with its log and every byte that it sends kept. */
export async function startApp(
  create: (logger: Logger, tunnels: OpenTunnels) => Served | Promise<Served>,
  serverLimits?: ServerLimits,
): Promise<RunningGateway> {
  const lines: string[] = [];
  const written = until();
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      written.check();
      done();
    },
  });
  const tunnels = createOpenTunnels();
  const gateway = await create(createLogger({ level: 'debug' }, destination), tunnels);
  const server = createGatewayServer(gateway.app, gateway.upgrades ?? noUpgrades, serverLimits);
  const connections = followConnections(server);
  const wire = wiretap(server);
  const requests = until();
  let taken = 0;
  server.on('request', () => {
    taken += 1;
    requests.check();
  });
  const { origin, port, stop } = await listen(server);
  gateway.start();
  const logged = async (accept: (line: LogLine) => boolean): Promise<LogLine> => {
    let line: LogLine | undefined;
    await written.holds(() => {
      line = lines.map((text): LogLine => JSON.parse(text)).find(accept);
      return line !== undefined;
    });
    return line ?? {};
  };
  return {
    url: origin,
    port,
    server,
    connections,
    wire,
    taken: (count) => requests.holds(() => taken >= count),
    logs: () => lines.join(''),
    logged,
    closeTunnels: tunnels.close,
    stop: async () => {
      tunnels.close(0);
      gateway.stop();
      await stop();
      await gateway.close?.();
    },
  };
}

const noUpgrades = { accepts: () => false, announce: () => undefined };
