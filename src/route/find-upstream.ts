import { routeNotFound } from '../errors/gateway-error.ts';
import { ownRoutes } from '../upstreams/own-routes.ts';
import type { RequestTarget } from './request-target.ts';

/** @typeParam Way an upstream and what leads to it */
export type Upstreams<Way = unknown> = {
  /** The first segment of their routes. */
  readonly byName: ReadonlyMap<string, Way>;
  /** Host names of the gateway that stand for an upstream. */
  readonly byHostname: ReadonlyMap<string, Way>;
};

/** A request to an upstream, as the caller has addressed it. */
export type Route<Way> = Way & {
  /** Path below the upstream's name, and the query. Rules are about this path. */
  readonly target: RequestTarget;
  /** What leads to the upstream: `/stripe`, or nothing on a host name of its own. */
  readonly mount: string;
};

/**
 * The upstream that a request is for, by the host name that it was sent to or the first segment of its path.
 * @throws GatewayError ROUTE_NOT_FOUND
 */
export function findUpstream<Way extends object>(
  upstreams: Upstreams<Way>,
  hostname: string | undefined,
  target: RequestTarget,
): Route<Way> {
  const onHostname = upstreams.byHostname.get(hostname?.toLowerCase() ?? '');
  if (onHostname !== undefined) return { ...onHostname, target, mount: '' };
  const name = firstSegment(target.path);
  const connected = upstreams.byName.get(name);
  const path = target.path.slice(1 + name.length);
  if (connected === undefined || path === '') throw routeNotFound(target.path);
  return { ...connected, target: { path, query: target.query }, mount: `/${name}` };
}

/** Whether a request is for an upstream that is there, whether or not the rest of it makes sense. */
export const isForUpstream = (upstreams: Upstreams, hostname: string | undefined, url: string): boolean =>
  upstreams.byHostname.has(hostname?.toLowerCase() ?? '') || upstreams.byName.has(firstSegment(pathOf(url)));

/**
 * Whether a request is meant for an upstream, also for one that is off or was never declared: it is then that its client
 * must not take the error for a success.
 */
export const isMeantForUpstream = (upstreams: Upstreams, hostname: string | undefined, url: string): boolean =>
  upstreams.byHostname.has(hostname?.toLowerCase() ?? '') || !ownRoutes.has(firstSegment(pathOf(url)));

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

const firstSegment = (path: string): string => path.split('/', 2)[1] ?? '';
