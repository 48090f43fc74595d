import { oncePer } from '../upstreams/once-per.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { TraceHeaders } from './trace.ts';

/** The headers of a trace that somebody is told. */
export type Told = readonly (keyof TraceHeaders)[];

/** Directus is the operator's own, as whoever they trace with is. */
export const toldToDirectus: Told = ['traceparent', 'tracestate'];

/**
 * An upstream is a stranger: it is told the ids, which are random, and not `tracestate`, in which tracing systems write
 * what they like about the caller, unless the set-up allows it by its name. `baggage` reaches nobody.
 */
export const toldTo = oncePer(({ requestHeaders: { allow, drop, set } }: Upstream): Told => {
  const isOurs = (name: string) => !drop.includes(name) && !(name in set);
  return toldToDirectus.filter((name) => isOurs(name) && (name === 'traceparent' || allow.includes(name)));
});

/** As many of them as somebody is told. */
export const toldOf = (headers: TraceHeaders, told: Told): Record<string, string> =>
  Object.fromEntries(told.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
