import { describe, expect, it } from '@jest/globals';
import { createMemory, type Fresh } from '../../../src/authenticate/remember.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { refusalIn } from '../refusal.ts';

type Answer = { readonly user: string };

/** A memory at a clock that stands still until the test moves it, and a count of what was asked. */
function memory(refusalTtlMs = 2_000) {
  const clock = { ms: 1_000 };
  const { recall, forget } = createMemory<Answer>({ now: () => clock.ms, refusalTtlMs });
  const answerOf = async (key: string, ask: () => Promise<Fresh<Answer>>) => (await recall(key, ask)).answer;
  const asked: string[] = [];
  return {
    clock,
    asked,
    recall,
    forget,
    /** Asks for a key; Directus says that it is good for ten seconds. */
    answered: (key: string, user = key) =>
      answerOf(key, async (): Promise<Fresh<Answer>> => {
        asked.push(key);
        return await Promise.resolve({ answer: { user }, until: clock.ms + 10_000 });
      }),
    failed: (key: string, error: Error) =>
      recall(key, async () => {
        asked.push(key);
        return await Promise.reject(error);
      }),
  };
}

describe('what Directus has said of a caller', () => {
  it('is remembered until its time is over, to the millisecond', async () => {
    const { clock, asked, answered } = memory();
    await answered('a', 'first');

    clock.ms += 9_999;
    expect(await answered('a', 'second')).toEqual({ user: 'first' });
    clock.ms += 1;
    expect(await answered('a', 'second')).toEqual({ user: 'second' });
    expect(asked).toEqual(['a', 'a']);
  });

  it('is not lengthened by being used', async () => {
    const { clock, asked, answered } = memory();
    for (let second = 0; second <= 20; second += 1, clock.ms += 1_000) await answered('a');
    expect(asked).toHaveLength(3);
  });

  it('is never said of another caller', async () => {
    const { asked, answered } = memory();
    expect([await answered('a'), await answered('b')]).toEqual([{ user: 'a' }, { user: 'b' }]);
    expect(asked).toEqual(['a', 'b']);
  });

  it('is not remembered when it is over as it comes', async () => {
    const { clock, recall, asked, answered } = memory();
    expect(await recall('a', () => Promise.resolve({ answer: { user: 'old' }, until: clock.ms }))).toMatchObject({
      answer: { user: 'old' },
    });
    expect(await answered('a')).toEqual({ user: 'a' });
    expect(asked).toEqual(['a']);
  });

  it('is asked for once, however many callers wait for it', async () => {
    const { asked, answered } = memory();
    const answers = await Promise.all(Array.from({ length: 300 }, () => answered('a')));
    expect(new Set(answers).size).toBe(1);
    expect(asked).toEqual(['a']);
  });
});

describe('a refusal of Directus', () => {
  const refusal = new GatewayError('INVALID_CREDENTIALS');

  it.each(['INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'INVALID_TOKEN', 'FORBIDDEN'] as const)(
    '%s is remembered briefly',
    async (code) => {
      const { clock, asked, answered, failed } = memory();
      await refusalIn(failed('a', new GatewayError(code)));

      clock.ms += 1_999;
      expect((await refusalIn(answered('a'))).code).toBe(code);
      clock.ms += 1;
      expect(await answered('a')).toEqual({ user: 'a' });
      expect(asked).toEqual(['a', 'a']);
    },
  );

  it('is asked for once, however many callers wait for it', async () => {
    const { asked, failed } = memory();
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => refusalIn(failed('a', refusal))));
    expect(new Set(outcomes)).toEqual(new Set([refusal]));
    expect(asked).toEqual(['a']);
  });

  it('is not remembered where nothing shall be', async () => {
    const { asked, answered, failed } = memory(0);
    await refusalIn(failed('a', refusal));
    await answered('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('ends what was remembered before', async () => {
    const { clock, answered, failed } = memory();
    await answered('a');
    clock.ms += 10_000;
    await refusalIn(failed('a', refusal));
    expect(await refusalIn(answered('a'))).toBe(refusal);
  });
});

describe('a failure is never remembered', () => {
  const failures: [string, Error][] = [
    ['Directus is down', new GatewayError('SERVICE_UNAVAILABLE')],
    ['the gateway has a fault', new GatewayError('INTERNAL_SERVER_ERROR')],
    ['something else happened', new Error('fetch failed')],
  ];

  it.each(failures)('%s', async (_what, error) => {
    const { asked, answered, failed } = memory();
    await expect(failed('a', error)).rejects.toBe(error);
    expect(await answered('a')).toEqual({ user: 'a' });
    expect(asked).toEqual(['a', 'a']);
  });

  it('but those who wait for the same answer share it', async () => {
    const { asked, failed } = memory();
    const error = new GatewayError('SERVICE_UNAVAILABLE');
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => refusalIn(failed('a', error))));
    expect(new Set(outcomes)).toEqual(new Set([error]));
    expect(asked).toEqual(['a']);
  });
});

describe('what is remembered is bounded', () => {
  it('the caller of longest ago is forgotten first', async () => {
    const { asked, answered } = memory();
    for (let caller = 0; caller <= 50_000; caller += 1) await answered(`caller-${caller}`);
    asked.length = 0;

    await answered('caller-50000');
    await answered('caller-1');
    expect(asked).toEqual([]);
    await answered('caller-0');
    expect(asked).toEqual(['caller-0']);
  });

  it('a flood of bad tokens pushes out no good one, and is bounded too', async () => {
    const { asked, answered, failed } = memory();
    await answered('good');
    for (let bad = 0; bad <= 10_000; bad += 1) await refusalIn(failed(`bad-${bad}`, new GatewayError('INVALID_TOKEN')));
    asked.length = 0;

    await answered('good');
    await refusalIn(answered('bad-10000'));
    expect(asked).toEqual([]);
    await answered('bad-0');
    expect(asked).toEqual(['bad-0']);
  });
});
