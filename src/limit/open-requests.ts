import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { LimitCounts } from './counts.ts';
import { exceeded } from './exceeded.ts';

export type OpenRequests = {
  /**
   * Counts a request to an upstream until its answer has ended, however it ends.
   * @param who whose it is
   * @throws GatewayError REQUESTS_EXCEEDED when this caller, UPSTREAM_UNAVAILABLE when all together have too many
   */
  enter(upstream: Pick<Upstream, 'name' | 'limits'>, who: string, response: ServerResponse, now: number): void;
  /** How many are under way to an upstream. */
  count(upstream: string): number;
  /** Counts a request to Directus itself until its answer has ended. Nothing limits these. */
  enterFrontDoor(response: ServerResponse): void;
  /** How many are under way to Directus itself. */
  countFrontDoor(): number;
};

/** Requests under way, by upstream and caller: a hung upstream, or a greedy caller, leaves room for the others. */
export function createOpenRequests(counts: LimitCounts): OpenRequests {
  const open = new Map<string, number>();
  let throughFrontDoor = 0;
  const add = (key: string, change: number): void => {
    const count = (open.get(key) ?? 0) + change;
    if (count > 0) open.set(key, count);
    else open.delete(key);
  };

  return {
    count: (upstream) => open.get(upstream) ?? 0,
    countFrontDoor: () => throughFrontDoor,
    enterFrontDoor: (response) => {
      if (isOver(response)) return;
      throughFrontDoor += 1;
      response.on('close', () => {
        throughFrontDoor -= 1;
      });
    },
    enter: ({ name, limits }, who, response, now) => {
      if (isOver(response)) return;
      const ofCaller = JSON.stringify([name, who]);
      if ((open.get(ofCaller) ?? 0) >= limits.openPerCaller) {
        throw exceeded(counts, { what: 'open_caller', limit: limits.openPerCaller, waitMs: 1_000, now });
      }
      if ((open.get(name) ?? 0) >= limits.open) throw tooBusy(counts);
      const keys = [name, ofCaller];
      for (const key of keys) add(key, 1);
      response.on('close', () => {
        for (const key of keys) add(key, -1);
      });
    },
  };
}

/** Nobody waits for it any more, and nothing would end its count. */
const isOver = (response: ServerResponse): boolean => response.closed || response.destroyed;

function tooBusy(counts: LimitCounts): GatewayError {
  counts.refused.open_upstream += 1;
  return new GatewayError('UPSTREAM_UNAVAILABLE', {
    headers: { 'Retry-After': '1' },
    logReason: 'too_many:open_upstream',
  });
}
