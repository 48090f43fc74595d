import type { Charge, Ledger } from './ledger.ts';

type Account = {
  points: number;
  /** How often each member was charged. */
  readonly members: Map<string, number>;
  /** Milliseconds since the epoch. */
  readonly until: number;
};

/** What this process has spent since its start. @param now milliseconds since the epoch */
export function createMemoryLedger(now: () => number): Ledger & { readonly size: () => number } {
  const accounts = new Map<string, Account>();
  let sweepAt = now() + sweepEveryMs;

  const accountOf = ({ key, endsInMs }: Charge): Account => {
    const known = accounts.get(key);
    if (known !== undefined && now() < known.until) return known;
    const opened = { points: 0, members: new Map<string, number>(), until: now() + endsInMs };
    accounts.set(key, opened);
    return opened;
  };

  const sweep = (): void => {
    if (now() < sweepAt) return;
    sweepAt = now() + sweepEveryMs;
    for (const [key, { until }] of accounts) if (until <= now()) accounts.delete(key);
  };

  return {
    service: 'memory',
    size: () => accounts.size,
    spend: (charges) => {
      sweep();
      const exhausted = charges.find((charge) => wouldBe(accountOf(charge), charge) > charge.limit);
      if (exhausted === undefined) for (const charge of charges) book(accountOf(charge), charge, 1);
      return Promise.resolve(exhausted);
    },
    refund: (charges) => {
      for (const charge of charges) {
        const account = accounts.get(charge.key);
        if (account !== undefined) book(account, charge, -1);
      }
      return Promise.resolve();
    },
  };
}

const sweepEveryMs = 60_000;

const wouldBe = (account: Account, { members }: Charge): number =>
  members === undefined
    ? account.points + 1
    : account.members.size + members.filter((member) => !account.members.has(member)).length;

function book(account: Account, { members }: Charge, change: 1 | -1): void {
  if (members === undefined) account.points = Math.max(0, account.points + change);
  for (const member of members ?? []) {
    const uses = (account.members.get(member) ?? 0) + change;
    if (uses > 0) account.members.set(member, uses);
    else account.members.delete(member);
  }
}
