import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Rate } from '../../../src/limit/rate.ts';
import type { Standing } from '../../../src/workers/messages.ts';
import { createPoints } from '../../../src/workers/points.ts';
import { createSharedRate } from '../../../src/workers/shared-rate.ts';

const duration = 10;
const aloneRefuses: Rate = { limit: 0, take: () => Promise.resolve(-1), look: () => Promise.resolve(-1) };

type Crew = {
  readonly points: number;
  readonly handful: number;
  readonly workers: number;
  /** When an answer of the primary comes. */
  readonly arrive?: (answer: Promise<Standing>) => Promise<Standing>;
};

function crewOf({ points, handful, workers, arrive = (answer) => answer }: Crew) {
  const clock = { now: 1_000_000 };
  const now = () => clock.now;
  const grant = createPoints({ points, duration, now });
  const answers: Standing[] = [];
  const asked: number[] = [];
  const ask = async (key: string, count: number): Promise<Standing> => {
    asked.push(count);
    const answer = grant(key, count);
    answers.push(answer);
    return await arrive(Promise.resolve(answer));
  };
  const rates = Array.from({ length: workers }, () =>
    createSharedRate({ limit: points, handful, ask, alone: aloneRefuses, now }),
  );
  const take = async (worker: number): Promise<number | undefined> => await rates[worker]?.take('key');
  const look = async (worker: number): Promise<number | undefined> => await rates[worker]?.look('key');
  return { clock, answers, asked, take, look };
}

const crews = fc.record({
  points: fc.integer({ min: 1, max: 60 }),
  handful: fc.integer({ min: 1, max: 8 }),
  workers: fc.integer({ min: 2, max: 4 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ worker: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 15_000 }) }) },
    { weight: 3, arbitrary: fc.record({ arrivals: fc.integer({ min: 1, max: 5 }) }) },
  ),
  { minLength: 20, maxLength: 150 },
);

it('however workers ask, answers come late and time passes, no span lets through more than its points', async () => {
  await fc.assert(
    fc.asyncProperty(crews, steps, fc.scheduler(), async (crew, story, scheduler) => {
      const { clock, answers, take } = crewOf({ ...crew, arrive: (answer) => scheduler.schedule(answer) });
      const letThroughAt: number[] = [];
      const under = [];
      for (const step of story) {
        if ('worker' in step) {
          under.push(
            take(step.worker % crew.workers).then((waitMs) => {
              if (waitMs === undefined) letThroughAt.push(clock.now);
              else expect(waitMs).toBeGreaterThan(0);
            }),
          );
        } else if ('passMs' in step) clock.now += step.passMs;
        else for (let count = 0; count < step.arrivals && scheduler.count() > 0; count += 1) await scheduler.waitOne();
        await settle();
      }
      await scheduler.waitIdle();
      await Promise.all(under);

      for (const until of new Set(answers.map((answer) => answer.until))) {
        const inSpan = letThroughAt.filter((at) => at >= until - duration * 1_000 && at < until);
        expect(inSpan.length).toBeLessThanOrEqual(crew.points);
      }
    }),
    { numRuns: 300 },
  );
});

it('whoever asks them in whatever order, no more is withheld than what the others may hold', async () => {
  await fc.assert(
    fc.asyncProperty(crews, fc.array(fc.nat(3), { minLength: 60, maxLength: 120 }), async (crew, order) => {
      const { take } = crewOf(crew);
      let letThrough = 0;
      for (const worker of order) if ((await take(worker % crew.workers)) === undefined) letThrough += 1;
      expect(letThrough).toBeLessThanOrEqual(crew.points);
      expect(letThrough).toBeGreaterThanOrEqual(crew.points - (crew.workers - 1) * (crew.handful - 1));
    }),
  );
});

describe('a worker asks the primary', () => {
  it('once for a handful, and no more when none is left in the span', async () => {
    const { asked, take, clock } = crewOf({ points: 10, handful: 5, workers: 2 });
    for (let count = 0; count < 30; count += 1) await take(0);
    expect(asked).toEqual([5, 5]);
    expect(await take(0)).toBe(10_000);
    clock.now += 10_000;
    expect(await take(0)).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  it('twice for many that come at once: for the first, and for all the others', async () => {
    const { asked, take } = crewOf({ points: 100, handful: 2, workers: 2 });
    await Promise.all(Array.from({ length: 50 }, () => take(0)));
    expect(asked).toEqual([2, 48]);
  });

  it('without taking any, where it only looks', async () => {
    const { take, look } = crewOf({ points: 1, handful: 1, workers: 2 });
    expect([await look(0), await look(0), await take(0), await look(0), await look(1)]).toEqual([
      undefined,
      undefined,
      undefined,
      10_000,
      10_000,
    ]);
  });
});

it('a worker that the primary does not answer counts alone, and all that wait with it', async () => {
  const taken: string[] = [];
  const alone: Rate = {
    limit: 1,
    take: (key) => {
      taken.push(key);
      return Promise.resolve(undefined);
    },
    look: () => Promise.resolve(7),
  };
  const ask = () => Promise.reject(new Error('silent'));
  const rate = createSharedRate({ limit: 1, handful: 1, ask, alone, now: () => 0 });
  expect(await Promise.all([rate.take('a'), rate.take('a'), rate.look('a')])).toEqual([undefined, undefined, 7]);
  expect(taken).toEqual(['a', 'a']);
});

it('spans that are over are forgotten', () => {
  const clock = { now: 0 };
  const grant = createPoints({ points: 5, duration, now: () => clock.now });
  expect(grant('key', 5)).toEqual({ granted: 5, isExhausted: true, until: 10_000 });
  clock.now = 9_999;
  expect(grant('key', 1).granted).toBe(0);
  clock.now = 10_000;
  expect(grant('key', 1)).toEqual({ granted: 1, isExhausted: false, until: 20_000 });
});

/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
