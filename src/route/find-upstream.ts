import type { MatchRule } from '../authorize/match-rule.ts';
import { routeNotFound } from '../errors/gateway-error.ts';
import type { Operations } from '../operations/operation.ts';
import type { Stream } from '../stream/stream.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { ownRoutes } from './own-routes.ts';
import type { RequestTarget } from './request-target.ts';

/** An upstream and the way to it. */
export type Connected = {
  readonly upstream: Upstream;
  readonly matchRule: MatchRule;
  readonly stream: Stream;
  /** Lets connections that nobody uses go, and keeps no further ones. */
  readonly close: () => void;
  readonly operations: Operations;
};

export type Upstreams = {
  /** The first segment of their routes. */
  readonly byName: ReadonlyMap<string, Connected>;
  /** Host names of the gateway that stand for an upstream. */
  readonly byHostname: ReadonlyMap<string, Connected>;
};

/** A request to an upstream, as the caller has addressed it. */
export type Route = Connected & {
  /** Path below the upstream's name, and the query. Rules are about this path. */
  readonly target: RequestTarget;
  /** What leads to the upstream: `/stripe`, or nothing on a host name of its own. */
  readonly mount: string;
};

/**
 * The upstream that a request is for, by the host name that it was sent to or the first segment of its path.
 * @throws GatewayError ROUTE_NOT_FOUND
 */
export function findUpstream(upstreams: Upstreams, hostname: string | undefined, target: RequestTarget): Route {
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

/** Where on the upstream a path leads. */
export type Destination = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** As it is sent. */
  readonly path: string;
  /** What stands before it at the gateway: the segment of the host, or nothing. */
  readonly hostSegment: string;
};

/** A path's way out: to the host that the rule or the first segment names, which is then taken off, or to the origin. */
export function destinationOf({ origin, hosts }: Upstream, path: string, host: string | undefined): Destination {
  const name = firstSegment(path);
  const named = hosts.get(name);
  if (named !== undefined) return { origin: named, path: path.slice(1 + name.length) || '/', hostSegment: `/${name}` };
  return { origin: (host === undefined ? undefined : hosts.get(host)) ?? origin, path, hostSegment: '' };
}

const firstSegment = (path: string): string => path.split('/', 2)[1] ?? '';
