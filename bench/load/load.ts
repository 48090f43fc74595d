/** What one client, with so many connections, asks for again and again. */
export type Target = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Each request bears a token of its own: `headers.Authorization` with a count at its end. */
  readonly countTokens?: boolean;
  /** The file of the one to trust, where that is over TLS. wrk trusts any. */
  readonly certificate?: string;
};

export type Load = {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 2xx, and connections that failed. */
  readonly errors: number;
};

export type Dose = {
  readonly connections: number;
  readonly seconds: number;
  /** Ends sooner, once so many are answered. wrk cannot: it goes on to the end of its time. */
  readonly requests?: number | undefined;
};

/** @throws when a single answer was wrong: such a load measures something else */
export type RunLoad = (target: Target, dose: Dose) => Promise<Load>;

export function requireRight(target: Target, load: Load): Load {
  if (load.errors > 0) throw new Error(`${load.errors} of ${load.requests} requests to ${target.url} went wrong.`);
  if (load.requests === 0) throw new Error(`Nothing was answered at ${target.url}.`);
  return load;
}
