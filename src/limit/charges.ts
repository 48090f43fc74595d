import { hash } from 'node:crypto';
import type { Accountability } from '../directus/accountability.ts';
import type { Budget, BudgetKey, DestinationLimit, GoverningRule } from '../upstreams/upstream.ts';
import type { Charge } from './ledger.ts';

export type Spending = {
  /** Name of the upstream. */
  readonly upstream: string;
  readonly rule: Pick<GoverningRule, 'budget' | 'destinations'>;
  readonly accountability: Pick<Accountability, 'user' | 'role' | 'share'>;
  /** Where it goes, in plain form. */
  readonly destinations: readonly string[];
};

/** What a request takes from the limits of its rule. @param now milliseconds since the epoch */
export function chargesOf({ upstream, rule, accountability, destinations }: Spending, now: number): Charge[] {
  const { budget, destinations: limit } = rule;
  if (budget === undefined && limit?.count === undefined) return [];
  const charge = (kind: string, span: Span): Charge => ({
    key: keyOf([
      kind,
      upstream,
      span.id,
      String(span.perMs),
      String(Math.floor(now / span.perMs)),
      ...whose(span.key, accountability),
    ]),
    limit: span.points,
    endsInMs: span.perMs - (now % span.perMs),
  });
  return [
    ...(budget === undefined ? [] : [charge('budget', budget)]),
    ...(limit?.count === undefined || destinations.length === 0
      ? []
      : [{ ...charge('destinations', limit.count), members: [...new Set(destinations)].map((each) => keyOf([each])) }]),
  ];
}

type Span = Budget | NonNullable<DestinationLimit['count']>;

/** Whose limit it is. Callers without a token share one, or each new address would have a budget of its own. */
function whose(key: BudgetKey, { user, role, share }: Spending['accountability']): readonly string[] {
  switch (key) {
    case 'all':
      return ['all'];
    case 'role':
      return role === null ? ['no role'] : ['role', role];
    case 'user':
      if (user !== null) return ['user', user];
      return share === null ? ['public'] : ['share', share];
  }
}

/** No two lists make the same text, and no telephone number can be read from it at a glance. */
const keyOf = (parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url');
