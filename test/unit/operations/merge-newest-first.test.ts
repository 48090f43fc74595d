import { describe, expect, it } from '@jest/globals';
import { mergeNewestFirst } from '../../../src/operations/merge-newest-first.ts';

type Dated = { readonly created: number; readonly of: string };
type Watch = { taken: number; closed: boolean };

const newWatch = (): Watch => ({ taken: 0, closed: false });

/** A list that counts what is taken of it. */
async function* listOf(of: string, pages: readonly (readonly number[])[], watch: Watch = newWatch()) {
  try {
    for (const page of pages) {
      await Promise.resolve();
      watch.taken += 1;
      yield page.map((created): Dated => ({ created, of }));
    }
  } finally {
    watch.closed = true;
  }
}

async function all(batches: AsyncGenerator<readonly unknown[], void, undefined>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}

describe('a caller sees the payments of several customers as one list, newest first', () => {
  const lists: [string, number[][][], number[]][] = [
    ['of none', [], []],
    ['of one', [[[3, 2], [1]]], [3, 2, 1]],
    ['of two that alternate', [[[6, 4, 2]], [[5, 3, 1]]], [6, 5, 4, 3, 2, 1]],
    ['of one that is over long before', [[[9]], [[8, 7], [6, 5]]], [9, 8, 7, 6, 5]],
    ['across the ends of pages', [[[9, 1], [0]], [[8, 7], [6, 2]]], [9, 8, 7, 6, 2, 1, 0]],
    ['of one that has nothing', [[], [[2, 1]]], [2, 1]],
    ['with empty pages first and between', [[[], [4], [], [1]], [[], [3, 2]]], [4, 3, 2, 1]],
    ['of three', [[[9, 3]], [[8], [2]], [[7, 1]]], [9, 8, 7, 3, 2, 1]],
  ]; // biome-ignore format: rows of numbers
  it.each(lists)('%s', async (_what, pages, expected) => {
    const merged = await all(mergeNewestFirst(pages.map((list, index) => listOf(`list ${index}`, list))));
    expect(merged).toMatchObject(expected.map((created) => ({ created })));
    expect(merged).toHaveLength(expected.length);
  });

  it('where two are of the same second, neither is lost', async () => {
    const merged = await all(mergeNewestFirst([listOf('a', [[2, 1]]), listOf('b', [[2, 1]])]));
    expect(merged).toHaveLength(4);
    expect(new Set(merged.map((item) => JSON.stringify(item))).size).toBe(4);
  });
});

describe('of each customer no more is asked for than the caller takes', () => {
  it('one page at a time', async () => {
    const [early, late] = [newWatch(), newWatch()];
    const merged = mergeNewestFirst([listOf('late', [[9, 8], [7, 6], [5]], late), listOf('early', [[2], [1]], early)]);
    await merged.next();
    expect([late.taken, early.taken]).toEqual([1, 1]);
    await merged.next();
    expect([late.taken, early.taken]).toEqual([2, 1]);
  });

  it('and every list is closed when the caller leaves', async () => {
    const watches = [newWatch(), newWatch()];
    const merged = mergeNewestFirst(watches.map((watch, index) => listOf(`list ${index}`, [[2], [1]], watch)));
    await merged.next();
    await merged.return();
    expect(watches.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('and when one of them fails, which is told', async () => {
    const watch = newWatch();
    const failing = async function* () {
      yield [{ created: 5, of: 'failing' }];
      await Promise.reject(new Error('down'));
    };
    await expect(all(mergeNewestFirst([listOf('good', [[4], [3]], watch), failing()]))).rejects.toThrow('down');
    expect(watch.closed).toBe(true);
  });
});
