import type { Upstream } from './upstream.ts';

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
