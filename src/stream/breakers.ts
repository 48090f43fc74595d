import type { Logger } from 'pino';
import { directusUnavailable, GatewayError } from '../errors/gateway-error.ts';
import { type Breaker, type BreakerLimits, type BreakerState, createBreaker } from './breaker.ts';

export type Breakers = {
  /** The questions of one request to Directus go together: while one is on trial, the others wait for it. */
  ofDirectus(): Breaker;
  ofUpstream(name: string, origin: string): Breaker;
};

/** Breakers that tell the log whenever they change. */
export function createBreakers(limits: BreakerLimits, logger: Logger): Breakers {
  const log = (name: string, origin?: string) => (state: BreakerState) => {
    const level = state === 'open' ? 'error' : 'info';
    logger[level]({ breaker: name, ...(origin !== undefined && { origin }), state }, 'breaker');
  };
  return {
    ofDirectus: () =>
      createBreaker({
        limits,
        waits: true,
        unavailable: (headers) => directusUnavailable(new Error('The breaker of Directus is open.'), headers),
        onChange: log('directus'),
      }),
    ofUpstream: (name, origin) =>
      createBreaker({
        limits,
        unavailable: (headers) => new GatewayError('UPSTREAM_UNAVAILABLE', { headers, logReason: 'breaker_open' }),
        onChange: log(name, origin),
      }),
  };
}
