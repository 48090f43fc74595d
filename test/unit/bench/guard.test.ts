import { describe, expect, test } from '@jest/globals';
import { costRatio, guarded, most, passes } from '../../../bench/guard.ts';
import { spreadOf } from '../../../bench/statistics.ts';

const none = { median: 0, min: 0, max: 0 };

const measured = (name: string, cpuMicrosecondsByRound: number[]) => ({
  name,
  does: '',
  requestsPerSecond: none,
  cpuMicroseconds: spreadOf(cpuMicrosecondsByRound),
  cpuMicrosecondsByRound,
  p50Ms: none,
  p99Ms: none,
  peakMb: 0,
});

const [bare, ours] = guarded.map(({ name }) => name);

describe('the guard on what a request costs', () => {
  test('compares each round with the same round of the bare proxy', () => {
    const results = [measured(bare ?? '', [100, 200, 400]), measured(ours ?? '', [150, 300, 600])];
    expect(costRatio(results)).toBe(1.5);
  });

  test('is not moved by one round that the machine has disturbed', () => {
    const results = [measured(bare ?? '', [100, 100, 100]), measured(ours ?? '', [150, 900, 140])];
    expect(costRatio(results)).toBe(1.5);
  });

  test.each([
    { ratio: most, pass: true, because: 'it costs as much as it may' },
    { ratio: most + 0.01, pass: false, because: 'it costs more' },
    { ratio: Number.NaN, pass: false, because: 'nothing was measured' },
  ])('passes: $pass, where $because', ({ ratio, pass }) => {
    expect(passes(ratio)).toBe(pass);
  });

  test('does not pass where the bare proxy was not measured', () => {
    expect(passes(costRatio([measured(ours ?? '', [150])]))).toBe(false);
  });

  test('does not pass where the gateway was not measured', () => {
    expect(passes(costRatio([measured(bare ?? '', [150])]))).toBe(false);
  });
});
