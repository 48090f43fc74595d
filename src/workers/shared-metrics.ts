import type { Logger } from 'pino';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Metrics, OwnMetrics } from '../metrics/metrics.ts';
import type { Channel } from './channel.ts';
import { gathered } from './messages.ts';

export type SharedMetrics = {
  /** Those of all workers, when they are read. */
  readonly metrics: Metrics;
  /** Tells the primary what this worker has measured. */
  readonly measure: (id: number) => void;
};

/** A worker's part of the metrics, which the primary adds up; undefined where they are off. */
export function createSharedMetrics(
  own: OwnMetrics | undefined,
  { ask, send }: Pick<Channel, 'ask' | 'send'>,
  logger: Logger,
): SharedMetrics | undefined {
  if (own === undefined) return undefined;
  const read = async (): Promise<string> => {
    const { text } = await ask({ kind: 'metrics' }, gathered).catch((cause: unknown) => {
      throw workersUnavailable(cause);
    });
    if (text === undefined) throw workersUnavailable(new Error('A worker has not said in time what it has measured.'));
    return text;
  };
  return {
    metrics: { ...own, read },
    measure: (id) => {
      own.measure().then(
        (measures) => send({ kind: 'measured', id, measures: [...measures].map((metric) => ({ ...metric })) }),
        (error: unknown) => logger.error({ err: error }, 'the metrics could not be read'),
      );
    },
  };
}

const workersUnavailable = (cause: unknown): GatewayError =>
  new GatewayError('SERVICE_UNAVAILABLE', {
    message: 'Service "workers" is unavailable.',
    extensions: { service: 'workers' },
    headers: { 'Retry-After': '1' },
    logReason: 'metrics_unknown',
    cause,
  });
