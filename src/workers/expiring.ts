/** Entries that are gone when their time is over. */
export type Expiring<Entry> = {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  readonly size: () => number;
};

/** @param now milliseconds since the epoch */
export function createExpiring<Entry extends { readonly until: number }>(now: () => number): Expiring<Entry> {
  const entries = new Map<string, Entry>();
  let sweepAt = now() + sweepEveryMs;

  const sweep = (): void => {
    if (now() < sweepAt) return;
    sweepAt = now() + sweepEveryMs;
    for (const [key, { until }] of entries) if (until <= now()) entries.delete(key);
  };

  return {
    get: (key) => {
      const entry = entries.get(key);
      return entry !== undefined && now() < entry.until ? entry : undefined;
    },
    set: (key, entry) => {
      sweep();
      entries.set(key, entry);
    },
    size: () => entries.size,
  };
}

const sweepEveryMs = 10_000;
