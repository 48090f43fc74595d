import { expect, it } from '@jest/globals';
import type { z } from 'zod';
import { createCounting } from '../../../src/workers/counting.ts';
import type { Question } from '../../../src/workers/messages.ts';
import { createSharedCounting } from '../../../src/workers/shared-counting.ts';

const charge = (key: string, limit: number, members?: string[]) => ({ key, limit, endsInMs: 1_000, members });

/** Workers that count in one place, over a channel that carries JSON. */
function workers(count: number) {
  const answer = createCounting(() => 0);
  const ask = async <Answer>(question: Question, form: z.ZodType<Answer>): Promise<Answer> =>
    form.parse(JSON.parse(JSON.stringify(await answer(JSON.parse(JSON.stringify(question))))));
  return Array.from({ length: count }, () => createSharedCounting({ ask, workers: count, now: () => 0 }).ledger);
}

it('a budget is charged whole or not at all, whichever worker asks, and names what is exhausted', async () => {
  const [one, other] = workers(2);
  const [wide, narrow] = [charge('wide', 2), charge('narrow', 1)];
  expect(await one?.spend([wide, narrow])).toBeUndefined();
  expect(await other?.spend([wide, narrow])).toBe(narrow);
  expect(await other?.spend([wide])).toBeUndefined();
  expect(await one?.spend([wide])).toBe(wide);
});

it('what one worker gives back another can spend; members count once over all', async () => {
  const [one, other] = workers(2);
  expect(await one?.spend([charge('to', 1, ['a'])])).toBeUndefined();
  expect(await other?.spend([charge('to', 1, ['a'])])).toBeUndefined();
  expect(await other?.spend([charge('to', 1, ['b'])])).toBeDefined();
  await one?.refund([charge('to', 1, ['a'])]);
  await other?.refund([charge('to', 1, ['a'])]);
  expect(await other?.spend([charge('to', 1, ['b'])])).toBeUndefined();
});

it('a budget that nobody answers for is not spent', async () => {
  const ask = () => Promise.reject(new Error('silent'));
  const { ledger } = createSharedCounting({ ask, workers: 2, now: () => 0 });
  await expect(ledger.spend([charge('one', 1)])).rejects.toThrow('silent');
});
