import { LRUCache } from 'lru-cache';
import { GatewayError } from '../errors/gateway-error.ts';

export type Fresh<Answer> = {
  readonly answer: Answer;
  /** Milliseconds since the epoch after which it must be asked for again. */
  readonly until: number;
};

export type Remembered<Answer> = {
  readonly answer: Answer;
  /** Milliseconds since the epoch at which it was asked for. */
  readonly askedAt: number;
};

export type Memory<Answer> = {
  /** The remembered answer, or that of `ask`. While one call for a key is under way, others wait for it. */
  recall(key: string, ask: () => Promise<Fresh<Answer>>): Promise<Remembered<Answer>>;
  /** Forgets everything, answers that are still on their way included: nobody who asks from now on is given them. */
  forget(): void;
  /** How many answers and refusals are kept. */
  entries(): number;
};

/** What became of questions since the start. */
export type RememberedCounts = {
  /** Answered from memory. */
  hit: number;
  /** Directus was asked, or another's question to it waited for. */
  miss: number;
  /** Refused from memory. */
  refused: number;
};

export const createRememberedCounts = (): RememberedCounts => ({ hit: 0, miss: 0, refused: 0 });

export type RememberParts = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly refusalTtlMs: number;
  readonly counts?: RememberedCounts | undefined;
};

type Kept<Answer> = Remembered<Answer> & { readonly until: number };

/** Refusals have a memory of their own, so that a flood of bad tokens does not push out good ones. */
export function createMemory<Answer extends object>({
  now,
  refusalTtlMs,
  counts = createRememberedCounts(),
}: RememberParts): Memory<Answer> {
  const answers = new LRUCache<string, Kept<Answer>>({ max: maxAnswers });
  const refusals = new LRUCache<string, Kept<GatewayError>>({ max: maxRefusals });
  let underWay = new Map<string, Promise<Remembered<Answer>>>();

  const askAndKeep = async (key: string, ask: () => Promise<Fresh<Answer>>): Promise<Remembered<Answer>> => {
    const current = underWay;
    const askedAt = now();
    const isForgotten = () => current !== underWay;
    try {
      const { answer, until } = await ask();
      const kept = { answer, askedAt, until };
      if (!isForgotten()) answers.set(key, kept);
      return kept;
    } catch (error) {
      if (isRefusal(error) && !isForgotten())
        refusals.set(key, { answer: error, askedAt, until: now() + refusalTtlMs });
      throw error;
    } finally {
      current.delete(key);
    }
  };

  return {
    recall: (key, ask) => {
      const known = answers.get(key);
      if (known !== undefined && now() < known.until) {
        counts.hit += 1;
        return Promise.resolve(known);
      }
      const refused = refusals.get(key);
      if (refused !== undefined && now() < refused.until) {
        counts.refused += 1;
        return Promise.reject(refused.answer);
      }
      counts.miss += 1;
      const asked = underWay.get(key);
      if (asked !== undefined) return asked;
      const asking = askAndKeep(key, ask);
      underWay.set(key, asking);
      return asking;
    },
    forget: () => {
      answers.clear();
      refusals.clear();
      underWay = new Map();
    },
    entries: () => answers.size + refusals.size,
  };
}

const maxAnswers = 10_000;
const maxRefusals = 10_000;

/** Too many requests now is no word about the token. */
const isRefusal = (error: unknown): error is GatewayError =>
  error instanceof GatewayError && error.status < 500 && error.code !== 'REQUESTS_EXCEEDED';
