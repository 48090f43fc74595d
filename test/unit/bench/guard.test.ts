import { describe, expect, test } from '@jest/globals';
import type { Candidate } from '../../../bench/candidates/candidate.ts';
import { expressHpm } from '../../../bench/candidates/express-hpm.ts';
import { gateway, gatewayCold, gatewayStripe } from '../../../bench/candidates/gateway.ts';
import { guard, limitsBeside, sentenceOf } from '../../../bench/guard.ts';
import { readLatest } from '../../../bench/publish.ts';
import { spreadOf } from '../../../bench/statistics.ts';

const none = { median: 0, min: 0, max: 0 };

const measured = ({ name }: Candidate, cpuMicrosecondsByRound: readonly number[]) => ({
  name,
  does: '',
  requestsPerSecond: none,
  cpuMicroseconds: spreadOf(cpuMicrosecondsByRound),
  cpuMicrosecondsByRound: [...cpuMicrosecondsByRound],
  p50Ms: none,
  p99Ms: none,
  peakMb: 0,
});

type Costs = ReadonlyMap<Candidate, readonly number[]>;
const costs = (...of: (readonly [Candidate, readonly number[]])[]): Costs => new Map(of);
const bare = [expressHpm, [100, 100, 100]] as const;

/** Measures what it is told, one after the other, and notes whom it was asked for. */
function measuring(...runs: readonly Costs[]) {
  const asked: { readonly names: string[]; readonly rounds: number }[] = [];
  const measure = (candidates: readonly Candidate[], { rounds }: { readonly rounds: number }) => {
    const run = runs[asked.length] ?? new Map();
    asked.push({ names: candidates.map(({ name }) => name), rounds });
    return Promise.resolve([...run].map(([candidate, byRound]) => measured(candidate, byRound)));
  };
  return { asked, measure };
}

const limits = [{ candidate: gateway, most: 1.5 }];

describe('the guard on what a request costs', () => {
  test('compares each round with the same round of the bare proxy', async () => {
    const { measure } = measuring(costs([expressHpm, [100, 200, 400]], [gateway, [150, 300, 600]]));
    expect(await guard(limits, measure)).toEqual([{ name: 'gateway', most: 1.5, ratios: [1.5], passes: true }]);
  });

  test('is not moved by one round that the machine has disturbed', async () => {
    const { measure, asked } = measuring(costs(bare, [gateway, [150, 900, 140]]));
    expect(await guard(limits, measure)).toMatchObject([{ ratios: [1.5], passes: true }]);
    expect(asked).toHaveLength(1);
  });

  test('measures what was too much once more, with more rounds, and passes where that is within', async () => {
    const { measure, asked } = measuring(
      costs(bare, [gateway, [160, 160, 160]], [gatewayCold, [400, 400, 400]]),
      costs(bare, [gateway, [150, 150, 150]]),
    );
    const verdicts = await guard([...limits, { candidate: gatewayCold, most: 4 }], measure);
    expect(verdicts).toMatchObject([
      { name: 'gateway', ratios: [1.6, 1.5], passes: true },
      { name: 'gateway-cold', ratios: [4], passes: true },
    ]);
    const [first, second] = asked;
    expect([first?.names, second?.names]).toEqual([
      ['express-hpm', 'gateway', 'gateway-cold'],
      ['express-hpm', 'gateway'],
    ]);
    expect(second?.rounds).toBeGreaterThan(first?.rounds ?? 0);
  });

  test('fails where both are too much, and says both figures', async () => {
    const worse = (micros: number) => costs(bare, [gateway, [micros, micros, micros]]);
    const [verdict] = await guard(limits, measuring(worse(160), worse(151)).measure);
    expect(verdict?.passes).toBe(false);
    expect(verdict && sentenceOf(verdict)).toBe(
      'A request through gateway costs 1.60 times the bare proxy, measured again 1.51: more than 1.50.',
    );
  });

  test.each([
    { run: costs([gateway, [150]]), because: 'the bare proxy was not measured' },
    { run: costs(bare), because: 'the gateway was not measured' },
  ])('does not pass where $because', async ({ run }) => {
    expect(await guard(limits, measuring(run, run).measure)).toMatchObject([{ passes: false }]);
  });
});

describe('the limits of the guard', () => {
  test('are three fifths more than the latest figures, and the stated one for the gateway itself', () => {
    const latest = [...costs(bare, [gatewayStripe, [200, 200, 200]], [gatewayCold, [500, 500, 500]])];
    const found = limitsBeside(latest.map(([candidate, byRound]) => measured(candidate, byRound)));
    expect(found.map(({ candidate, most }) => [candidate.name, most])).toEqual([
      ['gateway', 2.5],
      ['gateway-stripe', 3.2],
      ['gateway-cold', 8],
    ]);
  });

  test('are all to be had from the figures that are published', async () => {
    const { results } = await readLatest();
    expect(limitsBeside(results).every(({ most }) => most > 1 && most < 10)).toBe(true);
  });
});
