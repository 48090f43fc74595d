import type { ServerResponse } from 'node:http';

/** What one request leaves for the access log and the metrics beside method, path and status. */
export type Trail = {
  /** As in `X-Request-Id`. */
  requestId?: string;
  /** Of the trace that it is a part of, under the name by which OpenTelemetry looks for it in logs. */
  trace_id?: string;
  user?: string | null;
  share?: string | null;
  upstream?: string;
  /** Name of the rule that decides. For the metrics alone. */
  rule?: string;
  /** Milliseconds until Directus, or what is remembered of it, had said who this is. */
  directusMs?: number;
  /** Milliseconds until the upstream's answer began. */
  upstreamMs?: number;
  /** Code of the error that the caller got. */
  code?: string;
  /** A stable word that says why. */
  reason?: string;
};

const trail = Symbol('trail');

/**
 * The trail of the request that this response belongs to. For log and metrics only: nothing is decided by it. It is kept with the
 * response: from a WeakMap, V8's small collections free nothing.
 */
export function trailOf(response: ServerResponse & { [trail]?: Trail }): Trail {
  response[trail] ??= {};
  return response[trail];
}

/** To microseconds: more digits would be noise, and writing them takes as long as all the rest of a line. */
export const roundedMs = (ms: number): number => Math.round(ms * 1_000) / 1_000;
