import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { whenStill } from '../../../src/stream/clocks.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('what stands still for a minute is noticed', () => {
  const watch = () => {
    const seen = { moved: 0, still: 0 };
    const stop = whenStill(
      60_000,
      () => seen.moved,
      () => {
        seen.still += 1;
      },
    );
    return { seen, stop };
  };

  it('after a minute when nothing has ever moved, and not before', () => {
    const { seen } = watch();
    jest.advanceTimersByTime(59_999);
    expect(seen.still).toBe(0);
    jest.advanceTimersByTime(1);
    expect(seen.still).toBe(1);
  });

  it('at most a quarter later when something has moved just after a look', () => {
    const { seen } = watch();
    jest.advanceTimersByTime(15_001);
    seen.moved = 1;
    jest.advanceTimersByTime(59_999);
    expect(seen.still).toBe(0);
    jest.advanceTimersByTime(15_000);
    expect(seen.still).toBe(1);
  });

  it('never while something moves once in three quarters of it', () => {
    const { seen } = watch();
    for (let turn = 0; turn < 100; turn += 1) {
      jest.advanceTimersByTime(45_000);
      seen.moved += 1;
    }
    expect(seen.still).toBe(0);
  });

  it('again and again, until it is stopped', () => {
    const { seen, stop } = watch();
    jest.advanceTimersByTime(120_000);
    stop();
    jest.advanceTimersByTime(600_000);
    expect(seen.still).toBe(2);
  });
});
