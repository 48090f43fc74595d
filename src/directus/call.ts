import { createDirectus, rest, withOptions, withToken } from '@directus/sdk';
import { z } from 'zod';
import { command, visibleAscii } from './client.ts';

export type CallSettings = {
  /** Base address without a final slash. */
  readonly url: string;
  readonly token: string;
  /** Milliseconds until an answer must be complete. */
  readonly timeoutMs: number;
};

/** One call of Directus' API, for commands that an operator runs. Resolves with the `data` of the answer. */
export type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

/** Why a call came to nothing, in words for an operator. Never bears the token. */
export class CallError extends Error {
  /** Directus' own code, such as FORBIDDEN; undefined when it was not reached or not understood. */
  readonly code: string | undefined;
  readonly status: number | undefined;

  constructor(message: string, code?: string, status?: number) {
    super(message);
    this.name = 'CallError';
    this.code = code;
    this.status = status;
  }
}

/** @throws each call a CallError */
export function createCall({ url, token, timeoutMs }: CallSettings): Call {
  const client = createDirectus(url, { globals: { fetch: fetchHere } }).with(rest());
  return async (method, path, body) => {
    if (!visibleAscii.test(token)) throw new CallError('The token must be visible characters without spaces.');
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await client.request(
        withOptions(withToken(token, command(method, path, body)), (options) => ({ ...options, signal })),
      );
    } catch (error) {
      throw told(error);
    }
  };
}

/** @throws CallError when the answer has another form */
export function understoodAs<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const { success, data } = schema.safeParse(answer);
  if (success) return data;
  throw new CallError('Directus answered with something that is not understood.');
}

/** A redirection is not followed: the token belongs to one address. */
const fetchHere = async (url: string, options: RequestInit): Promise<Response> => {
  const answer = await fetch(url, { ...options, redirect: 'manual' });
  if (answer.status >= 300 && answer.status < 400) throw new CallError(`Directus answered with ${answer.status}.`);
  return answer;
};

const refused = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).min(1),
  response: z.object({ status: z.number() }),
});
const unreadable = z.object({ response: z.object({ status: z.number() }) });

function told(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const { data } = refused.safeParse(error);
  const [first] = data?.errors ?? [];
  if (data !== undefined && first !== undefined) {
    return new CallError(first.message, first.extensions.code, data.response.status);
  }
  const status = unreadable.safeParse(error).data?.response.status;
  if (status !== undefined) return new CallError(`Directus answered with ${status}.`, undefined, status);
  return new CallError(`Directus cannot be reached: ${whyUnreachable(error)}.`);
}

const networkError = z.object({ code: z.string().regex(/^\w+$/) });

/** `ECONNREFUSED`, `timeout`, … of what `fetch` threw; never its text, which may quote what was sent. */
export function whyUnreachable(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at.name === 'TimeoutError') return 'it did not answer in time';
    const { data } = networkError.safeParse(at);
    if (data !== undefined) return data.code;
  }
  return 'no answer that can be understood';
}
