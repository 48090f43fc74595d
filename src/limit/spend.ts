import { isNativeError } from 'node:util/types';
import type { Logger } from 'pino';
import { GatewayError } from '../errors/gateway-error.ts';
import { chargesOf, type Spending } from './charges.ts';
import { type BudgetCount, budgetCountOf, type LimitCounts } from './counts.ts';
import { exceeded } from './exceeded.ts';
import type { Charge, Ledger } from './ledger.ts';
import { Unsent } from './unsent.ts';

export type SpendParts = {
  readonly ledger: Ledger;
  readonly counts: LimitCounts;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Takes a request's share of the budgets of its rule, sends it, and gives the share back where nothing has been sent.
 * @throws GatewayError REQUESTS_EXCEEDED; SERVICE_UNAVAILABLE where what is left cannot be told; what `send` throws
 */
export type Spend = (spending: Spending, send: () => Promise<void>) => Promise<void>;

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
    try {
      await send();
    } catch (error) {
      if (wasNeverSent(error)) {
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

/**
 * Whether the upstream cannot have seen any of a request: the gateway refused it, the caller left before, or there was
 * no connection. A body that turned out too large while it streamed was on its way already.
 */
export function wasNeverSent(error: unknown): boolean {
  if (causesOf(error).some((cause) => cause instanceof Unsent)) return true;
  if (!(error instanceof GatewayError)) return false;
  if (error.code === 'UPSTREAM_UNREACHABLE') return causesOf(error).some(isNoConnection);
  return unsent.has(error.code);
}

const unsent: ReadonlySet<string> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'INVALID_PAYLOAD',
  'UNSUPPORTED_MEDIA_TYPE',
  'FORBIDDEN',
]);

function causesOf(error: unknown, depth = 0): unknown[] {
  if (!isNativeError(error) || depth > 5) return [];
  const { detail = undefined } = { ...error }; // where stripe-node keeps what Node said
  return [error, ...causesOf(error.cause, depth + 1), ...causesOf(detail, depth + 1)];
}

/** Node names the step that failed: looking up the name, or connecting. */
const isNoConnection = (error: unknown): boolean =>
  isNativeError(error) && 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
