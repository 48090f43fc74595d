export type Calendar<Item> = {
  /** @param ticksAhead at least 1, and fewer than the calendar has */
  add(item: Item, ticksAhead: number): void;
  /** Goes on by one tick; what is due then. */
  advance(): readonly Item[];
};

/** What happens in the next so many ticks. */
export function createCalendar<Item>(ticks: number): Calendar<Item> {
  const due = Array.from({ length: ticks }, (): Item[] => []);
  let at = 0;
  return {
    add: (item, ticksAhead) => {
      if (!(ticksAhead >= 1 && ticksAhead < ticks)) throw new RangeError(`${ticksAhead} ticks ahead is out of reach.`);
      due[(at + ticksAhead) % ticks]?.push(item);
    },
    advance: () => {
      at = (at + 1) % ticks;
      const now = due[at] ?? [];
      due[at] = [];
      return now;
    },
  };
}
