import { describe, expect, test } from '@jest/globals';
import { spreadOf } from '../../../bench/statistics.ts';

describe('the spread of some rounds', () => {
  test.each([
    { values: [3], spread: { median: 3, min: 3, max: 3 }, because: 'one round is all of them' },
    {
      values: [10, 2, 9],
      spread: { median: 9, min: 2, max: 10 },
      because: 'the middle one by size, not by its digits',
    },
    {
      values: [4, 1, 2, 3],
      spread: { median: 2.5, min: 1, max: 4 },
      because: 'of an even number, the mean of the two',
    },
  ])('$values: $because', ({ values, spread }) => {
    expect(spreadOf(values)).toEqual(spread);
  });
});
