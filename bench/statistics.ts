export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/**
 * By how much one is more than another, measured in the same rounds: the median of the rounds' ratios, since what a
 * machine does besides for some seconds falls into few of them. Not a number without rounds of both.
 */
export function medianRatio(values: readonly number[], others: readonly number[]): number {
  return spreadOf(ratiosOf(values, others)).median;
}

/** Of each round. */
export const ratiosOf = (values: readonly number[], others: readonly number[]): number[] =>
  values.map((value, round) => value / (others[round] ?? Number.NaN));
