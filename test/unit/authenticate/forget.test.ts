import { describe, expect, it } from '@jest/globals';
import { createMemory, type Fresh } from '../../../src/authenticate/remember.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { refusalIn } from '../refusal.ts';

type Answer = { readonly user: string };
type Pending = { readonly answer: (user: string) => void; readonly fail: (error: Error) => void };

/** A memory whose questions stay open until the test answers them, in their order. */
function memory() {
  const { recall, forget } = createMemory<Answer>({ now: () => 1_000, refusalTtlMs: 2_000 });
  const open: Pending[] = [];
  const ask = async (key = 'a'): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<Fresh<Answer>>();
    const remembered = await recall(key, () => {
      open.push({ answer: (user) => resolve({ answer: { user }, until: 11_000 }), fail: reject });
      return promise;
    });
    return remembered.answer.user;
  };
  return { forget, open, ask };
}

describe('an answer that is under way when everything is forgotten', () => {
  it('is still given to those who asked before', async () => {
    const { forget, open, ask } = memory();
    const [first, second] = [ask(), ask()];
    forget(() => true);
    open[0]?.answer('old');
    expect([await first, await second]).toEqual(['old', 'old']);
    expect(open).toHaveLength(1);
  });

  it('is given to nobody who asks afterwards, though it has not come yet', async () => {
    const { forget, open, ask } = memory();
    const before = ask();
    forget(() => true);
    const after = ask();
    expect(open).toHaveLength(2);
    open[0]?.answer('old');
    open[1]?.answer('new');
    expect([await before, await after]).toEqual(['old', 'new']);
  });

  const orders: [string, [number, number]][] = [
    ['when it comes first', [0, 1]],
    ['when it comes last', [1, 0]],
  ];
  it.each(orders)('is not remembered, and does not replace the newer one: %s', async (_when, order) => {
    const { forget, open, ask } = memory();
    const asked = [ask()];
    forget(() => true);
    asked.push(ask());
    for (const index of order) {
      open[index]?.answer(['old', 'new'][index] ?? '');
      await asked[index];
    }
    expect(await ask()).toBe('new');
    expect(open).toHaveLength(2);
  });

  it('does not keep later callers from waiting together for the newer one', async () => {
    const { forget, open, ask } = memory();
    const before = ask();
    forget(() => true);
    const after = [ask()];
    open[0]?.answer('old');
    await before;
    after.push(ask());
    open[1]?.answer('new');
    expect(await Promise.all(after)).toEqual(['new', 'new']);
    expect(open).toHaveLength(2);
  });

  it('is not remembered when it is a refusal', async () => {
    const { forget, open, ask } = memory();
    const before = refusalIn(ask());
    forget(() => true);
    open[0]?.fail(new GatewayError('INVALID_CREDENTIALS'));
    expect((await before).code).toBe('INVALID_CREDENTIALS');
    const after = ask();
    open[1]?.answer('new');
    expect(await after).toBe('new');
  });

  it('is forgotten as often as need be', async () => {
    const { forget, open, ask } = memory();
    const asked = [ask()];
    for (const round of [1, 2]) {
      forget(() => true);
      asked.push(ask());
      expect(open).toHaveLength(round + 1);
    }
    for (const [index, { answer }] of open.entries()) answer(`answer ${index}`);
    expect(await Promise.all(asked)).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(await ask()).toBe('answer 2');
  });
});

it('what was remembered of everybody is forgotten, answers and refusals', async () => {
  const { forget, open, ask } = memory();
  const [good, bad] = [ask('good'), refusalIn(ask('bad'))];
  open[0]?.answer('good');
  open[1]?.fail(new GatewayError('INVALID_TOKEN'));
  await Promise.all([good, bad]);
  await Promise.all([ask('good'), refusalIn(ask('bad'))]);
  expect(open).toHaveLength(2);

  forget(() => true);
  const again = [ask('good'), ask('bad')];
  expect(open).toHaveLength(4);
  for (const { answer } of open) answer('new');
  expect(await Promise.all(again)).toEqual(['new', 'new']);
});
