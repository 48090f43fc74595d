/** In milliseconds; the breaker's hold for upstreams too. */
export const directusDefaults = {
  timeoutMs: 10_000,
  feedHeartbeatMs: 10_000,
  breaker: { failures: 5, openMs: 3_000 },
} as const;
