/** What was limited since the start, for logs and metrics. */
export type LimitCounts = {
  /** Requests that were refused, by what they had too many of. */
  readonly refused: Record<Limited, number>;
  readonly redis: {
    /** Questions that Redis has not answered in time, or not as asked. */
    failures: number;
    /** Rates that this process has counted in its stead. */
    ratesFromMemory: number;
    /** Requests that were refused since their budget could not be asked for. */
    budgetsRefused: number;
  };
  /** By upstream and rule. */
  readonly budgets: Map<string, BudgetCount>;
};

/** Requests to a rule that has a budget, or a limit of destinations. */
export type BudgetCount = {
  readonly upstream: string;
  readonly rule: string;
  spent: number;
  /** Of those that were spent: given back, as nothing was sent. */
  returned: number;
  refused: number;
  /** Refused since it could not be told what is left. */
  unknown: number;
};

export type Limited = 'address' | 'caller' | 'tokens' | 'budget' | 'destinations' | 'open_caller' | 'open_upstream';

export const createLimitCounts = (): LimitCounts => ({
  refused: { address: 0, caller: 0, tokens: 0, budget: 0, destinations: 0, open_caller: 0, open_upstream: 0 },
  redis: { failures: 0, ratesFromMemory: 0, budgetsRefused: 0 },
  budgets: new Map(),
});

export function budgetCountOf({ budgets }: LimitCounts, upstream: string, rule: string): BudgetCount {
  const key = `${upstream} ${rule}`;
  const known = budgets.get(key);
  if (known !== undefined) return known;
  const count = { upstream, rule, spent: 0, returned: 0, refused: 0, unknown: 0 };
  budgets.set(key, count);
  return count;
}
