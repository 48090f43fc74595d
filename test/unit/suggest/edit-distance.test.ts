import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance } from '../../../src/suggest/edit-distance.ts';

describe('the distance of two words', () => {
  it.each([
    ['customers', 'customers', 0],
    ['customers', 'custmers', 1],
    ['customers', 'customer', 1],
    ['customers', 'custoemrs', 1],
    ['customers', 'kustomer', 2],
    ['payments', 'customers', Number.POSITIVE_INFINITY],
    ['', 'ab', 2],
    ['', '', 0],
  ])('%s and %s is %d', (one, other, expected) => {
    expect(editDistance(one, other, 2)).toBe(expected);
    expect(editDistance(other, one, 2)).toBe(expected);
  });

  it('is never more than the letters that were changed', () => {
    const letters = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, letters, (before, added, after) => {
        expect(editDistance(before + after, before + added + after, 100)).toBe(added.length);
      }),
    );
  });
});
