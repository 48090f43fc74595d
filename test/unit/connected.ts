import { createMatchRule } from '../../src/authorize/match-rule.ts';
import type { Connected } from '../../src/gateway.ts';
import type { Upstreams } from '../../src/route/find-upstream.ts';
import type { Upstream } from '../../src/upstreams/upstream.ts';

/** Upstreams with this way to each of them. */
export function connectedBy(upstreams: readonly Upstream[], stream: Connected['stream']): Upstreams<Connected> {
  const connected = upstreams.map(
    (upstream): Connected => ({
      upstream,
      matchRule: createMatchRule(upstream),
      stream,
      close: () => undefined,
      operations: new Map(),
    }),
  );
  return {
    byName: new Map(connected.map((each) => [each.upstream.name, each])),
    byHostname: new Map(
      connected.flatMap((each) => each.upstream.hostnames.map((hostname) => [hostname, each] as const)),
    ),
  };
}
