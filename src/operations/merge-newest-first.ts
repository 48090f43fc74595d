import type { Batches } from './stream-list.ts';

/** An object of Stripe's: `created` is in seconds since the epoch. */
type Dated = { readonly created: number };
type List<Item> = AsyncGenerator<readonly Item[], void, undefined>;
type Head<Item> = { items: Item[]; readonly list: List<Item> };

/** Several lists, each newest first, as one that is. Holds one batch of each at a time. */
export async function* mergeNewestFirst<Item extends Dated>(lists: readonly List<Item>[]): Batches {
  try {
    let heads: Head<Item>[] = [];
    for (const list of lists) heads.push({ items: await nextItems(list), list }); // one after another: Stripe counts
    heads = heads.filter(({ items }) => items.length > 0);
    while (heads.length > 0) {
      yield takeWhileAllHaveItems(heads);
      for (const head of heads) if (head.items.length === 0) head.items = await nextItems(head.list);
      heads = heads.filter(({ items }) => items.length > 0);
    }
  } finally {
    await Promise.all(lists.map((list) => list.return()));
  }
}

function takeWhileAllHaveItems<Item extends Dated>(heads: readonly Head<Item>[]): Item[] {
  const taken: Item[] = [];
  for (;;) {
    const newest = heads.reduce((best, head) => (dateOf(head) > dateOf(best) ? head : best));
    const item = newest.items.shift();
    if (item === undefined) return taken;
    taken.push(item);
    if (newest.items.length === 0) return taken;
  }
}

const dateOf = <Item extends Dated>({ items: [item] }: Head<Item>): number => item?.created ?? 0;

/** The next batch that holds anything; empty at the end. */
async function nextItems<Item>(list: List<Item>): Promise<Item[]> {
  for (let next = await list.next(); !next.done; next = await list.next()) {
    if (next.value.length > 0) return [...next.value];
  }
  return [];
}
