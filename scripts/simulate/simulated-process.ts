import { createMemory } from '../../src/authenticate/remember.ts';
import type { Token } from './sessions.ts';

export type Outcome = 'remembered' | 'joined' | 'asked' | 'pushed out';

export type SimulatedProcess = {
  /** `pushed out`: it had to be asked again, as others had taken its place. */
  request(token: Token): Outcome;
  forget(): void;
  /** Directus answers whatever has been asked until now. */
  answer(): Promise<void>;
  /** Of how many tokens the last answer would hold still, if there were room for all. */
  countHolding(): number;
};

export type SimulatedProcessParts = { readonly now: () => number; readonly ttlMs: number };

type Question = { readonly answer: () => void; readonly done: Promise<unknown> };

/** The gateway's own memory, with a Directus that answers when it is told to. */
export function createSimulatedProcess({ now, ttlMs }: SimulatedProcessParts): SimulatedProcess {
  const memory = createMemory<object>({ now, refusalTtlMs: 2_000 });
  const waiting = new Map<string, Question>();
  const holdsUntil = new Map<string, number>();

  const ask = (token: Token): Outcome => {
    let isAsked = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const question = async () => {
      isAsked = true;
      const until = Math.min(now() + ttlMs, token.expiresAt);
      await promise;
      return { answer, until };
    };
    const done = memory.recall(token.key, question);
    if (!isAsked) return waiting.has(token.key) ? 'joined' : 'remembered';
    const outcome = now() < (holdsUntil.get(token.key) ?? 0) ? 'pushed out' : 'asked';
    holdsUntil.set(token.key, Math.min(now() + ttlMs, token.expiresAt));
    waiting.set(token.key, { answer: resolve, done });
    return outcome;
  };

  return {
    request: ask,
    forget: () => {
      memory.forget();
      holdsUntil.clear();
    },
    answer: async () => {
      if (waiting.size === 0) return;
      const questions = [...waiting.values()];
      waiting.clear();
      for (const { answer } of questions) answer();
      await Promise.all(questions.map(({ done }) => done));
    },
    countHolding: () => [...holdsUntil.values()].filter((until) => now() < until).length,
  };
}

const answer = Object.freeze({});
