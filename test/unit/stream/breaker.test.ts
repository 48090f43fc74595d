import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { type BreakerState, createBreaker, type Report } from '../../../src/stream/breaker.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const unavailable = (headers: { readonly 'Retry-After': string }) =>
  new GatewayError('UPSTREAM_UNAVAILABLE', { headers });

function start(waits = false) {
  const changes: BreakerState[] = [];
  const breaker = createBreaker({
    limits: { failures: 2, openMs: 3_000 },
    unavailable,
    waits,
    onChange: (state) => changes.push(state),
  });
  const answer = () =>
    breaker.guard(({ answered }) => {
      answered();
      return Promise.resolve('answer');
    });
  const fail = () =>
    breaker.guard(({ failed }) => {
      failed();
      return Promise.reject(new Error('no connection'));
    });
  const leave = () => breaker.guard(async () => undefined);
  const open = async () => {
    await expect(fail()).rejects.toThrow('no connection');
    await expect(fail()).rejects.toThrow('no connection');
  };
  return { breaker, changes, answer, fail, leave, open };
}

/** An attempt whose end the test decides on. */
function underWay(guard: (attempt: (report: Report) => Promise<string>) => Promise<string>) {
  const done = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<Report>();
  const result = guard((report) => {
    begun.resolve(report);
    return done.promise;
  });
  result.catch(() => undefined);
  return { done, begun: begun.promise, result };
}

describe('an attempt', () => {
  it('is made, and its outcome handed on, while the other side is well', async () => {
    const { answer, fail, changes } = start();
    expect(await answer()).toBe('answer');
    await expect(fail()).rejects.toThrow('no connection');
    expect(await answer()).toBe('answer');
    await expect(fail()).rejects.toThrow('no connection');
    expect(changes).toEqual([]);
  });

  it('is refused after failures one after another, with the seconds until it is worth while', async () => {
    const { breaker, answer, open } = start();
    await open();
    jest.advanceTimersByTime(1_500);
    await expect(answer()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', headers: { 'Retry-After': '2' } });
    expect(() => breaker.requireClosed()).toThrow(GatewayError);
    expect(breaker.state()).toBe('open');
  });

  it('that says nothing of the other side counts for nothing', async () => {
    const { leave, fail, breaker } = start();
    await expect(fail()).rejects.toThrow('no connection');
    await leave();
    await expect(fail()).rejects.toThrow('no connection');
    expect(breaker.state()).toBe('open');
  });

  it('under way goes on when others fail', async () => {
    const { breaker, open } = start();
    const { begun, done, result } = underWay(breaker.guard);
    (await begun).answered();
    await open();
    done.resolve('whole');
    expect(await result).toBe('whole');
    expect(breaker.state()).toBe('open');
  });
});

describe('after its time one attempt is on trial', () => {
  it('others are refused, and let through when it is answered, even before it ends', async () => {
    const { breaker, changes, answer, open } = start();
    await open();
    jest.advanceTimersByTime(3_000);
    const { begun, done, result } = underWay(breaker.guard);
    const { answered } = await begun;
    await expect(answer()).rejects.toThrow(GatewayError);
    answered();
    await jest.advanceTimersByTimeAsync(0);
    expect(await answer()).toBe('answer');
    done.resolve('whole');
    expect(await result).toBe('whole');
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('and refused for the whole time again when it fails', async () => {
    const { breaker, fail, answer, open } = start();
    await open();
    jest.advanceTimersByTime(3_000);
    await expect(fail()).rejects.toThrow('no connection');
    jest.advanceTimersByTime(2_999);
    await expect(answer()).rejects.toThrow(GatewayError);
    jest.advanceTimersByTime(1);
    expect(await answer()).toBe('answer');
    expect(breaker.state()).toBe('closed');
  });

  it('and decided by the next when it says nothing', async () => {
    const { breaker, leave, fail, open } = start();
    await open();
    jest.advanceTimersByTime(3_000);
    await leave();
    await jest.advanceTimersByTimeAsync(0);
    await expect(fail()).rejects.toThrow('no connection');
    expect(breaker.state()).toBe('open');
  });

  it('and others wait for it, where that is wanted, and are refused when it fails', async () => {
    const { breaker, answer, open } = start(true);
    await open();
    jest.advanceTimersByTime(3_000);
    const { begun, done } = underWay(breaker.guard);
    const others = [answer(), answer()];
    const outcomes = Promise.allSettled(others);
    (await begun).failed();
    done.reject(new Error('no connection'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
