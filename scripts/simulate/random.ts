/** A sequence of numbers that looks like chance and is the same for the same seed. */
export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** How many of many rare things happen when `mean` of them are to be expected (Poisson). */
  count(mean: number): number;
};

/** Marsaglia's xorshift with 32 bits ("Xorshift RNGs", 2003), the triple 13, 17, 5. */
export function createRandom(seed: number): Random {
  let state = seed | 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    count: (mean) => {
      const end = Math.exp(-mean);
      let happened = 0;
      for (let left = next(); left > end; left *= next()) happened += 1;
      return happened;
    },
  };
}
