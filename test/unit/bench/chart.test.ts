import { describe, expect, test } from '@jest/globals';
import { straight } from '../../../bench/candidates/straight.ts';
import { chart } from '../../../bench/chart.ts';
import { readLatest } from '../../../bench/publish.ts';
import { spreadOf } from '../../../bench/statistics.ts';

type Bar = { readonly name: string; readonly width: number; readonly says: string };

/** A run in which these candidates got so many requests per second done. */
async function drawn(perSecond: Readonly<Record<string, number>>) {
  const latest = await readLatest();
  const [sample] = latest.results;
  if (sample === undefined) throw new Error('The latest run has no results.');
  const results = Object.entries(perSecond).map(([name, figure]) => ({
    ...sample,
    name,
    requestsPerSecond: spreadOf([figure]),
    cpuMicroseconds: spreadOf([1]),
  }));
  const machine = { ...latest.machine, processor: 'R&D <1 GHz' };
  return chart({ ...latest, machine, results });
}

/** Those of requests per second, which come first. */
const barsOf = (svg: string): Bar[] =>
  [
    ...svg.matchAll(
      /end">(.+)<\/text>\n<rect class="bar.*" width="([\d.]+)".*\n(?:<path class="gap".*\n)?<text.*>(.+)</g,
    ),
  ]
    .map(([, name = '', width, says = '']) => ({ name, width: Number(width), says }))
    .filter((_bar, index, all) => index < all.length / 2);

describe('the chart of docs/performance.md', () => {
  test('has the fastest first, and leaves out the straight way', async () => {
    const bars = barsOf(await drawn({ [straight.name]: 90_000, slow: 1_000, fast: 2_000 }));

    expect(bars.map(({ name, says }) => [name, says])).toEqual([
      ['fast', '2,000'],
      ['slow', '1,000'],
    ]);
  });

  test.each([
    { most: 2_000, ratio: 2, because: 'it is twice the next one' },
    { most: 1_000, ratio: 1, because: 'all are alike' },
  ])('draws the longest bar to scale, where $because', async ({ most, ratio }) => {
    const [first, second] = barsOf(await drawn({ most, next: 1_000 }));

    expect((first?.width ?? 0) / (second?.width ?? 0)).toBeCloseTo(ratio, 2);
  });

  test('cuts a bar that would squash the others, says so, and has all others to scale', async () => {
    const svg = await drawn({ most: 40_000, next: 1_000, half: 500 });
    const [first, second, third] = barsOf(svg);

    expect(first).toMatchObject({ name: 'most', says: '40,000 (cut)' });
    expect(first?.width).toBeGreaterThan(second?.width ?? 0);
    expect((second?.width ?? 0) / (third?.width ?? 0)).toBeCloseTo(2, 2);
    expect(svg.match(/class="gap"/g)).toHaveLength(1);
  });

  test('says on which machine and day it was measured', async () => {
    const { date, machine } = await readLatest();
    const svg = await drawn({ one: 1 });

    expect(svg).toContain(`measured on ${date}`);
    expect(svg).toContain(`R&amp;D &lt;1 GHz, ${machine.cores} cores`);
  });
});
