import { routeNotFound } from '../errors/gateway-error.ts';
import type { Stream } from '../stream/stream.ts';
import type { ErrorForm, Upstream } from '../upstreams/upstream.ts';
import type { RequestTarget } from './request-target.ts';

/** An upstream and the way to it. */
export type Connected = { readonly upstream: Upstream; readonly stream: Stream };

/** By name, the first segment of their routes. */
export type Upstreams = ReadonlyMap<string, Connected>;

/**
 * The upstream that a route names, and the target below it.
 * @throws GatewayError ROUTE_NOT_FOUND
 */
export function findUpstream(upstreams: Upstreams, { path, query }: RequestTarget) {
  const name = firstSegment(path);
  const connected = upstreams.get(name);
  const rest = path.slice(1 + name.length);
  if (connected === undefined || rest === '') throw routeNotFound(path);
  return { ...connected, target: { path: rest, query } };
}

/** The form of errors for a route, whether or not the rest of it makes sense. */
export const errorFormOf = (upstreams: Upstreams, route: string): ErrorForm =>
  upstreams.get(firstSegment(route.split('?', 1)[0] ?? ''))?.upstream.errorForm ?? 'directus';

const firstSegment = (path: string): string => path.split('/', 2)[1] ?? '';
