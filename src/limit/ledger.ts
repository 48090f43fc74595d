/** What a request takes from one limit for a span of time. */
export type Charge = {
  /** Names the limit, whose it is, and the span. */
  readonly key: string;
  /** Most points, or most distinct members, in the span. */
  readonly limit: number;
  /** Milliseconds until the span ends. */
  readonly endsInMs: number;
  /** Distinct ones of these are counted, instead of the request. None of them twice. */
  readonly members?: readonly string[] | undefined;
};

/** Keeps what has been spent. */
export type Ledger = {
  /** What keeps it, as callers are told when it cannot be asked. */
  readonly service: string;
  /** Charges all or nothing. Undefined: all are charged; else the first that is exhausted. Rejects when it cannot tell. */
  spend(charges: readonly Charge[]): Promise<Charge | undefined>;
  /** Takes back what was charged, where the span has not ended. */
  refund(charges: readonly Charge[]): Promise<void>;
};
