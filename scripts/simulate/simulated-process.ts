import { createMemory } from '../../src/authenticate/remember.ts';
import type { SimulatedRequest } from './sessions.ts';

export type Outcome = 'remembered' | 'joined' | 'asked' | 'pushed out';

export type SimulatedProcess = {
  /** `pushed out`: it had to be asked again, as others had taken its place. */
  request(request: SimulatedRequest): Outcome;
  /** What it knows of this user; of everybody, where none is named. */
  forget(user?: number): void;
  /** Directus answers whatever has been asked until now. */
  answer(): Promise<void>;
  /** Of how many tokens the last answer would hold still, if there were room for all. */
  countHolding(): number;
};

export type SimulatedProcessParts = { readonly now: () => number; readonly ttlMs: number };

type Answer = { readonly user: number };
/** As if there were room for all. */
type Held = Answer & { readonly until: number };
type Question = { readonly answer: () => void; readonly done: Promise<unknown> };

/** The gateway's own memory, with a Directus that answers when it is told to. */
export function createSimulatedProcess({ now, ttlMs }: SimulatedProcessParts): SimulatedProcess {
  const memory = createMemory<Answer>({ now, refusalTtlMs: 2_000 });
  const waiting = new Map<string, Question>();
  const held = new Map<string, Held>();

  const ask = ({ user, token }: SimulatedRequest): Outcome => {
    let isAsked = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const question = async () => {
      isAsked = true;
      const until = Math.min(now() + ttlMs, token.expiresAt);
      await promise;
      return { answer: { user }, until };
    };
    const done = memory.recall(token.key, question);
    if (!isAsked) return waiting.has(token.key) ? 'joined' : 'remembered';
    const outcome = now() < (held.get(token.key)?.until ?? 0) ? 'pushed out' : 'asked';
    held.set(token.key, { user, until: Math.min(now() + ttlMs, token.expiresAt) });
    waiting.set(token.key, { answer: resolve, done });
    return outcome;
  };

  return {
    request: ask,
    forget: (user) => {
      const isConcerned = (answer: Answer) => user === undefined || answer.user === user;
      memory.forget(isConcerned);
      for (const [key, answer] of held) if (isConcerned(answer)) held.delete(key);
    },
    answer: async () => {
      if (waiting.size === 0) return;
      const questions = [...waiting.values()];
      waiting.clear();
      for (const { answer } of questions) answer();
      await Promise.all(questions.map(({ done }) => done));
    },
    countHolding: () => [...held.values()].filter(({ until }) => now() < until).length,
  };
}
