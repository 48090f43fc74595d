import { describe, expect, it } from '@jest/globals';
import type { Charge } from '../../../src/limit/ledger.ts';
import { createMemoryLedger } from '../../../src/limit/memory-ledger.ts';

const charge = (key: string, limit: number, members?: string[]): Charge => ({ key, limit, endsInMs: 1_000, members });

function started() {
  const clock = { now: 0 };
  return { clock, ledger: createMemoryLedger(() => clock.now) };
}

describe('a request is charged to all of its limits, or to none', () => {
  it('when one is exhausted, the others keep what they had', async () => {
    const { ledger } = started();
    const [wide, narrow] = [charge('wide', 2), charge('narrow', 1)];
    expect(await ledger.spend([wide, narrow])).toBeUndefined();
    expect(await ledger.spend([wide, narrow])).toBe(narrow);
    expect(await ledger.spend([wide])).toBeUndefined();
    expect(await ledger.spend([wide])).toBe(wide);
  });

  it('and members count once, however often they are charged', async () => {
    const { ledger } = started();
    expect(await ledger.spend([charge('to', 2, ['a', 'b'])])).toBeUndefined();
    expect(await ledger.spend([charge('to', 2, ['a'])])).toBeUndefined();
    expect(await ledger.spend([charge('to', 2, ['b', 'c'])])).toBeDefined();
  });
});

describe('what is given back', () => {
  it('can be spent again', async () => {
    const { ledger } = started();
    const one = charge('one', 1);
    await ledger.spend([one]);
    await ledger.refund([one]);
    expect(await ledger.spend([one])).toBeUndefined();
    expect(await ledger.spend([one])).toBe(one);
  });

  it('leaves a member that another request was charged with', async () => {
    const { ledger } = started();
    const [a, b] = [charge('to', 1, ['a']), charge('to', 1, ['b'])];
    await ledger.spend([a]);
    await ledger.spend([a]);
    await ledger.refund([a]);
    expect(await ledger.spend([b])).toBe(b);
    await ledger.refund([a]);
    expect(await ledger.spend([b])).toBeUndefined();
  });

  it('makes no more of a limit than it was', async () => {
    const { ledger } = started();
    const one = charge('one', 1);
    await ledger.refund([one]);
    await ledger.spend([one]);
    expect(await ledger.spend([one])).toBe(one);
  });
});

it('what has ended is forgotten: 100,000 keys leave nothing behind', async () => {
  const { ledger, clock } = started();
  for (let key = 0; key < 100_000; key += 1) await ledger.spend([charge(String(key), 1)]);
  expect(ledger.size()).toBe(100_000);
  clock.now = 61_000;
  await ledger.spend([charge('another', 1)]);
  expect(ledger.size()).toBe(1);
});
