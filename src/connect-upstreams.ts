import { createMatchRule } from './authorize/match-rule.ts';
import type { Directus } from './directus/directus.ts';
import type { Connected } from './gateway.ts';
import { operationsOf } from './operations/operations-of.ts';
import type { Upstreams } from './route/find-upstream.ts';
import type { BreakerState } from './stream/breaker.ts';
import type { Breakers } from './stream/breakers.ts';
import { type Streaming, streamTo } from './stream/stream.ts';
import type { Upstream } from './upstreams/upstream.ts';

export type ConnectParts = {
  readonly directus: Directus;
  readonly breakers: Breakers;
  /** Replace each upstream's own. */
  readonly replaced: Partial<Upstream['limits']>;
};

/** The way to each upstream. */
export function connectUpstreams(declared: readonly Upstream[], { directus, breakers, replaced }: ConnectParts) {
  const streamings = new Map<string, Streaming>();
  const connected = declared.map((given): Connected => {
    const upstream: Upstream = { ...given, limits: { ...given.limits, ...replaced } };
    const streaming = streamTo(upstream, (origin) => breakers.ofUpstream(upstream.name, origin));
    const { stream, close, breaker } = streaming;
    streamings.set(upstream.name, streaming);
    return {
      upstream,
      matchRule: createMatchRule(upstream),
      stream,
      close,
      operations: operationsOf({ upstream, directus, breaker }),
    };
  });
  const upstreams: Upstreams<Connected> = {
    byName: new Map(connected.map((each) => [each.upstream.name, each])),
    byHostname: new Map(
      connected.flatMap((each) => each.upstream.hostnames.map((hostname) => [hostname, each] as const)),
    ),
  };
  const breakerStates = (): Record<string, BreakerState> =>
    Object.fromEntries([...streamings].map(([name, { breakerState }]) => [name, breakerState()]));
  return { upstreams, breakerStates };
}
