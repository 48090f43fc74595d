import { createMemoryLedger } from '../limit/memory-ledger.ts';
import type { Question, Standing } from './messages.ts';
import { createPoints, type GrantPoints } from './points.ts';

export type CountQuestion = Exclude<Question, { kind: 'metrics' }>;

/** Counts for all workers. @param now milliseconds since the epoch */
export function createCounting(now: () => number): (question: CountQuestion) => Promise<object> {
  const ledger = createMemoryLedger(now);
  const rates = new Map<string, GrantPoints>();

  const grant = ({ rate, key, count }: Extract<Question, { kind: 'points' }>): Standing => {
    const name = JSON.stringify(rate); // a worker that is not set up anew yet has other points
    const grantPoints = rates.get(name) ?? createPoints({ ...rate, now });
    rates.set(name, grantPoints);
    return grantPoints(key, count);
  };

  return async (question) => {
    switch (question.kind) {
      case 'points':
        return grant(question);
      case 'spend': {
        const exhausted = await ledger.spend(question.charges);
        return { exhausted: exhausted === undefined ? -1 : question.charges.indexOf(exhausted) };
      }
      case 'refund':
        await ledger.refund(question.charges);
        return {};
    }
  };
}
