/**
 * For how many milliseconds an answer of Directus is remembered.
 * @param wantedMs PERMISSIONS_TTL
 * @param heardOf when changes in Directus are heard of at once
 */
export function rememberedMs(wantedMs: number | undefined, heardOf: 'now' | 'not now' | 'never'): number {
  switch (heardOf) {
    case 'now':
      return wantedMs ?? longTtlMs;
    case 'not now':
      return Math.min(wantedMs ?? shortTtlMs, shortTtlMs);
    case 'never':
      return wantedMs ?? shortTtlMs;
  }
}

/** When every change is heard of, and when it is not. */
const longTtlMs = 300_000;
const shortTtlMs = 10_000;
