import type { Logger } from 'pino';
import { GatewayError } from '../errors/gateway-error.ts';
import { chargesOf, type Spending } from './charges.ts';
import { type BudgetCount, budgetCountOf, type LimitCounts } from './counts.ts';
import { exceeded } from './exceeded.ts';
import type { Charge, Ledger } from './ledger.ts';
import { wasNeverSent } from './was-never-sent.ts';

export type SpendParts = {
  readonly ledger: Ledger;
  readonly counts: LimitCounts;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Takes a request's share of the budgets of its rule, sends it, and gives the share back where nothing has been sent.
 * @param send is handed what it calls once anything may have been received, where its error alone would not tell;
 *   undefined where there is nothing to give back
 * @throws GatewayError REQUESTS_EXCEEDED; SERVICE_UNAVAILABLE where what is left cannot be told; what `send` throws
 */
export type Spend = (spending: Spending, send: (onReceived?: () => void) => Promise<void>) => Promise<void>;

export function createSpend({ ledger, counts, logger, now }: SpendParts): Spend {
  const refund = (charges: readonly Charge[]) =>
    ledger.refund(charges).catch((error: unknown) => logger.warn({ err: error }, 'a budget was not given back'));

  return async (spending, send) => {
    const charges = chargesOf(spending, now());
    if (charges.length === 0) return send();
    const count = countOf(counts, spending);
    const exhausted = await ledger.spend(charges).catch((cause: unknown) => {
      counts.redis.budgetsRefused += 1;
      count.unknown += 1;
      throw budgetsUnknown(ledger.service, cause);
    });
    if (exhausted !== undefined) {
      const { limit, endsInMs: waitMs, members } = exhausted;
      count.refused += 1;
      throw exceeded(counts, { what: members === undefined ? 'budget' : 'destinations', limit, waitMs, now: now() });
    }
    count.spent += 1;
    let isReceived = false;
    const onReceived = () => {
      isReceived = true;
    };
    try {
      await send(onReceived);
    } catch (error) {
      if (!isReceived && wasNeverSent(error)) {
        count.returned += 1;
        await refund(charges);
      }
      throw error;
    }
  };
}

const countOf = (counts: LimitCounts, { upstream, rule }: Spending): BudgetCount =>
  budgetCountOf(counts, upstream, rule.budget?.id ?? rule.destinations?.count?.id ?? '');

const budgetsUnknown = (service: string, cause: unknown) =>
  new GatewayError('SERVICE_UNAVAILABLE', {
    message: `Service "${service}" is unavailable.`,
    extensions: { service },
    headers: { 'Retry-After': '1' },
    logReason: 'budget_unknown',
    cause,
  });
