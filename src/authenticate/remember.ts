import { LRUCache } from 'lru-cache';
import { GatewayError } from '../errors/gateway-error.ts';

export type Fresh<Answer> = {
  readonly answer: Answer;
  /** Milliseconds since the epoch after which it must be asked for again. */
  readonly until: number;
};

export type RememberParts = { readonly now: () => number; readonly refusalTtlMs: number };

/**
 * Remembers answers by key. While one call for a key is under way, others wait for it. Refusals have a memory of their
 * own, so that a flood of bad tokens does not push out good ones.
 */
export function remember<Answer extends object>({ now, refusalTtlMs }: RememberParts) {
  const answers = new LRUCache<string, Fresh<Answer>>({ max: maxAnswers });
  const refusals = new LRUCache<string, Fresh<GatewayError>>({ max: maxRefusals });
  const underWay = new Map<string, Promise<Answer>>();

  const askAndKeep = async (key: string, ask: () => Promise<Fresh<Answer>>): Promise<Answer> => {
    try {
      const fresh = await ask();
      answers.set(key, fresh);
      return fresh.answer;
    } catch (error) {
      if (isRefusal(error)) refusals.set(key, { answer: error, until: now() + refusalTtlMs });
      throw error;
    } finally {
      underWay.delete(key);
    }
  };

  return (key: string, ask: () => Promise<Fresh<Answer>>): Promise<Answer> => {
    const known = answers.get(key);
    if (known !== undefined && now() < known.until) return Promise.resolve(known.answer);
    const refused = refusals.get(key);
    if (refused !== undefined && now() < refused.until) return Promise.reject(refused.answer);
    const asked = underWay.get(key);
    if (asked !== undefined) return asked;
    const asking = askAndKeep(key, ask);
    underWay.set(key, asking);
    return asking;
  };
}

const maxAnswers = 10_000;
const maxRefusals = 10_000;

const isRefusal = (error: unknown): error is GatewayError => error instanceof GatewayError && error.status < 500;
