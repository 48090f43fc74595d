import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleType } from 'cockatiel';
import type { GatewayError } from '../errors/gateway-error.ts';

export const breakerStates = ['closed', 'half-open', 'open'] as const;
export type BreakerState = (typeof breakerStates)[number];

/** By which an attempt says how the other side is. The first word counts; without one, nothing is known. */
export type Report = {
  /** It answers, whatever it says. */
  answered(): void;
  /** It could not be reached, or did not answer in time. */
  failed(): void;
};

export type Breaker = {
  /** Attempts it, unless too many attempts have failed one after another. @throws what `unavailable` makes */
  guard<Result>(attempt: (report: Report) => Promise<Result>): Promise<Result>;
  /** @throws as `guard` would, where it would not attempt anything */
  requireClosed(): void;
  state(): BreakerState;
};

export type BreakerLimits = {
  /** Failures one after another that open it. */
  readonly failures: number;
  /** Milliseconds until one attempt is let through again. */
  readonly openMs: number;
};

export type BreakerParts = {
  readonly limits: BreakerLimits;
  /** @param retryAfter the header, in seconds */
  readonly unavailable: (headers: { readonly 'Retry-After': string }) => GatewayError;
  /** Whether others wait while one attempt is on trial; else they are refused. */
  readonly waits?: boolean;
  readonly onChange: (state: BreakerState) => void;
};

/** Keeps requests from somebody who is not there, and finds out by one at a time whether they are back. */
export function createBreaker({ limits, unavailable, waits = false, onChange }: BreakerParts): Breaker {
  const count = new ConsecutiveBreaker(limits.failures);
  const policy = circuitBreaker(handleType(Failed), { breaker: count, halfOpenAfter: limits.openMs });
  let openUntil = 0;
  policy.onBreak(() => {
    openUntil = Date.now() + limits.openMs;
  });
  policy.onStateChange((state) => onChange(named(state)));

  const refusal = () => {
    const seconds = Math.max(1, Math.ceil((openUntil - Date.now()) / 1_000));
    return unavailable({ 'Retry-After': String(seconds) });
  };
  const refuses = (): boolean =>
    (policy.state === CircuitState.Open && Date.now() < openUntil) ||
    (policy.state === CircuitState.HalfOpen && !waits);
  const requireClosed = () => {
    if (refuses()) throw refusal();
  };

  /** While it is closed an attempt waits for nothing, and its word only changes the count. */
  const watch = <Result>(attempt: (report: Report) => Promise<Result>): Promise<Result> => {
    let isSaid = false;
    const say = (word: () => void) => {
      if (!isSaid && policy.state === CircuitState.Closed) word();
      isSaid = true;
    };
    return attempt({ answered: () => say(countAnswer), failed: () => say(countFailure) });
  };
  const countAnswer = () => count.success();
  const countFailure = () => {
    policy.execute(() => Promise.reject(new Failed())).catch(() => undefined); // it counts, and opens where it must
  };

  const attemptOnTrial = async <Result>(attempt: (report: Report) => Promise<Result>): Promise<Result> => {
    const begun = Promise.withResolvers<Result>();
    let isTrial = false;
    const run = () => {
      isTrial = policy.state === CircuitState.HalfOpen;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const running = attempt({ answered: resolve, failed: () => reject(new Failed()) });
      const settle = () => reject(new Undecided());
      running.then(settle, settle);
      begun.resolve(running);
      return promise;
    };
    policy.execute(run).catch((error: unknown) => {
      if (error instanceof BrokenCircuitError) begun.reject(refusal());
      // A trial that says nothing (its caller has left) lets others through, and the next failure opens again.
      else if (error instanceof Undecided && isTrial) count.state = limits.failures - 1;
    });
    return await begun.promise;
  };

  const guard = <Result>(attempt: (report: Report) => Promise<Result>): Promise<Result> => {
    if (policy.state === CircuitState.Closed) return watch(attempt);
    return refuses() ? Promise.reject(refusal()) : attemptOnTrial(attempt);
  };

  return { guard, requireClosed, state: () => named(policy.state) };
}

class Failed extends Error {}
class Undecided extends Error {}

function named(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return 'closed';
    case CircuitState.HalfOpen:
      return 'half-open';
    case CircuitState.Open:
    case CircuitState.Isolated:
      return 'open';
  }
}
