import { createDirectus, type RestCommand, rest, withOptions, withToken } from '@directus/sdk';
import type { ErrorCode } from '../errors/codes.ts';
import { directusUnavailable, GatewayError } from '../errors/gateway-error.ts';
import type { Breaker } from '../stream/breaker.ts';
import { peerOf, type Step, type Trace } from '../tracing/trace.ts';
import { envelope, requestError } from './answers.ts';
import { questionOf } from './question-of.ts';

/** Whoever asks Directus something. */
export type Asker = {
  readonly token: string;
  /** The caller's IP address: policies may be bound to it (`ip_access`). Absent for the gateway itself. */
  readonly address?: string;
  /** The trace of the request for which it is asked. */
  readonly trace?: Trace | undefined;
};

export type Ask = (command: RestCommand<unknown, object>, asker: Asker) => Promise<unknown>;

/** What fits a header: fetch would quote any other token in its error. */
export const visibleAscii = /^[\x21-\x7e]+$/;

export type ClientSettings = {
  /** Base address without a final slash. */
  readonly url: string;
  /** Milliseconds until an answer must be complete. */
  readonly timeoutMs: number;
  /** Keeps questions from a Directus that is not there. */
  readonly breaker?: Pick<Breaker, 'guard'>;
};

/**
 * Puts questions to Directus. Fails with a GatewayError: Directus' own refusal with Directus' code, and
 * SERVICE_UNAVAILABLE for everything else, with Retry-After while the breaker is open.
 */
export function createAsk({ url, timeoutMs, breaker = unguarded }: ClientSettings): Ask {
  const clientBy = (fetch: FetchHere) => createDirectus(url, { globals: { fetch } }).with(rest());
  const client = clientBy(fetchStrictly);
  const peer = peerOf('directus', url);
  return async (command, { token, address, trace }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const prepared = withOptions(withToken(token, command), (options) => ({
      ...options,
      headers: { ...options.headers, ...(address !== undefined && { 'X-Forwarded-For': address }) },
      signal,
    }));
    return await breaker.guard(async ({ answered, failed }) => {
      const step = trace?.begin(peer, questionOf(command));
      const asking = step === undefined ? client : clientBy(fetchAs(step));
      try {
        const data = await asking.request(prepared);
        answered();
        step?.end();
        return data;
      } catch (error) {
        if (error instanceof NotThere) failed();
        else answered();
        const failure = refusal(error) ?? directusUnavailable(error);
        step?.end(failure.code);
        throw failure;
      }
    });
  };
}

const unguarded: Pick<Breaker, 'guard'> = {
  guard: (attempt) => attempt({ answered: () => undefined, failed: () => undefined }),
};

/**
 * No answer of Directus, or none in time; or one by which a proxy before it says so, or Directus itself that it takes no
 * more questions (503 under pressure). Any other, a 500 included, may be due to the one question.
 */
class NotThere extends Error {}
const notThere: ReadonlySet<number> = new Set([502, 503, 504]);

/** A command of our own making, where the SDK's wants to know the collections beforehand. */
export const command =
  (method: 'GET' | 'POST' | 'SEARCH' | 'PATCH', path: string, body?: object): RestCommand<unknown, object> =>
  () => ({ method, path, ...(body !== undefined && { body: JSON.stringify(body) }) });

/** Directus did not know the question: it answers 204 to it, even without a token. */
export class NoContent extends Error {}

type FetchHere = (url: string, options: RequestInit) => Promise<Response>;

/** Fetches as a step of a trace. */
const fetchAs =
  ({ headers, answered }: Step): FetchHere =>
  (url, options) => {
    const all = new Headers(options.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return fetchStrictly(url, { ...options, headers: all }, answered);
  };

/** A success is 200 and nothing else. */
const fetchStrictly = async (
  url: string,
  options: RequestInit,
  onAnswer?: (status: number) => void,
): Promise<Response> => {
  const answer = await fetch(url, { ...options, redirect: 'manual' }).catch(asNotThere);
  onAnswer?.(answer.status);
  if (answer.status === 204 && options.method === 'GET') throw new NoContent('Directus answered with no content.');
  if (notThere.has(answer.status)) throw new NotThere(`Directus answered with status ${answer.status}.`);
  const isExpected = answer.status === 200 || (answer.status === 204 && options.method === 'PATCH');
  const isRefusal = answer.status === 401 || answer.status === 403;
  if (!isExpected && !isRefusal) throw new Error(`Directus answered with status ${answer.status}.`);
  if (answer.status !== 200) return answer;
  const text = await answer.text().catch(asNotThere);
  const { data } = envelope.parse(JSON.parse(text)); // the SDK would take an answer without an envelope for the data
  return Response.json({ data });
};

function asNotThere(cause: unknown): never {
  throw new NotThere('Directus did not answer.', { cause });
}

/** The refusals of a question, each with the one status that Directus gives it. */
const refusals: ReadonlyMap<string, number> = new Map<ErrorCode, number>([
  ['INVALID_CREDENTIALS', 401],
  ['TOKEN_EXPIRED', 401],
  ['INVALID_TOKEN', 403],
  ['FORBIDDEN', 403],
]);

function refusal(error: unknown): GatewayError | undefined {
  const parsed = requestError.safeParse(error);
  const code = parsed.data?.errors[0]?.extensions.code;
  if (code === undefined || refusals.get(code) !== parsed.data?.response.status) return undefined;
  return new GatewayError(code, { logReason: 'directus_refused' });
}
