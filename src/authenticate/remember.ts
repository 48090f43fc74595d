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
  /**
   * The remembered answer, or that of `ask`. While one call for a key is under way, others wait for it.
   * @param hearer is told at once which of these it is
   */
  recall(key: string, ask: () => Promise<Fresh<Answer>>, hearer?: Hearer): Promise<Remembered<Answer>>;
  /**
   * Forgets these answers, all refusals, and whatever is still on its way: nobody who asks from now on is given it.
   * @param isConcerned of each answer that is remembered
   */
  forget(isConcerned: (answer: Answer) => boolean): void;
  /** How many answers and refusals are kept. */
  entries(): number;
};

export type Hearer = { remembered(result: keyof RememberedCounts): void };

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
    recall: (key, ask, hearer) => {
      const known = answers.get(key);
      if (known !== undefined && now() < known.until) {
        counts.hit += 1;
        hearer?.remembered('hit');
        return Promise.resolve(known);
      }
      const refused = refusals.get(key);
      if (refused !== undefined && now() < refused.until) {
        counts.refused += 1;
        hearer?.remembered('refused');
        return Promise.reject(refused.answer);
      }
      counts.miss += 1;
      hearer?.remembered('miss');
      const asked = underWay.get(key);
      if (asked !== undefined) return asked;
      const asking = askAndKeep(key, ask);
      underWay.set(key, asking);
      return asking;
    },
    forget: (isConcerned) => {
      for (const [key, { answer }] of answers.entries()) if (isConcerned(answer)) answers.delete(key);
      refusals.clear();
      underWay = new Map();
    },
    entries: () => answers.size + refusals.size,
  };
}

/** Of a kilobyte each, where so many callers come within five minutes. */
const maxAnswers = 50_000;
const maxRefusals = 10_000;

/** Too many requests now is no word about the token. */
const isRefusal = (error: unknown): error is GatewayError =>
  error instanceof GatewayError && error.status < 500 && error.code !== 'REQUESTS_EXCEEDED';
