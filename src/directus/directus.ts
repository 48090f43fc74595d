import {
  createDirectus,
  type RestCommand,
  readMe,
  readUserPermissions,
  rest,
  withOptions,
  withToken,
} from '@directus/sdk';
import type { ErrorCode } from '../errors/codes.ts';
import { directusUnavailable, GatewayError } from '../errors/gateway-error.ts';
import { type Me, me, type PermissionsAnswer, permissions, requestError } from './answers.ts';

export type Directus = {
  /** What the bearer of this token may do. Directus verifies the token with it. */
  readPermissions(token: string, address: string): Promise<PermissionsAnswer>;
  /** Who the bearer of this token is: for static tokens, which do not say so themselves. */
  readMe(token: string, address: string): Promise<Me>;
  /** Whether Directus answers at all (`GET /server/ping`). */
  ping(): Promise<boolean>;
};

export type DirectusSettings = {
  /** Base address without a final slash. */
  readonly url: string;
  /** Milliseconds until an answer must be complete. */
  readonly timeoutMs: number;
};

/**
 * The one place that talks to Directus. Each call fails with a GatewayError: Directus' own refusal of a token with
 * Directus' code, and SERVICE_UNAVAILABLE for everything else, including any answer that is not understood.
 */
export function connectDirectus({ url, timeoutMs }: DirectusSettings): Directus {
  const client = createDirectus(url, { globals: { fetch: fetchStrictly } }).with(rest());

  /** The address goes along because policies may be bound to it (`ip_access`). */
  const ask = async (command: RestCommand<object, object>, token: string, address: string): Promise<unknown> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const withAddress = withOptions(withToken(token, command), (options) => ({
      ...options,
      headers: { ...options.headers, 'X-Forwarded-For': address },
      signal,
    }));
    try {
      return await client.request(withAddress);
    } catch (error) {
      throw refusal(error) ?? directusUnavailable(error);
    }
  };

  return {
    readPermissions: async (token, address) =>
      understood(permissions.safeParse(await ask(readUserPermissions(), token, address))),
    readMe: async (token, address) =>
      understood(me.safeParse(await ask(readMe({ fields: ['id', 'role'] }), token, address))),
    ping: async () => {
      const answer = await fetch(`${url}/server/ping`, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      return answer.status === 200 && (await answer.text()) === 'pong';
    },
  };
}

/** Directus 10 answers 204 to a question it does not know, even without a token: a success is 200 and nothing else. */
const fetchStrictly = async (url: string, options: RequestInit): Promise<Response> => {
  const answer = await fetch(url, { ...options, redirect: 'manual' });
  if (answer.status < 400 && answer.status !== 200) throw new Error(`Directus answered with status ${answer.status}.`);
  return answer;
};

/** The refusals of a token, each with the one status that Directus gives it. */
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

const understood = <Answer>(parsed: { success: true; data: Answer } | { success: false; error: Error }): Answer => {
  if (parsed.success) return parsed.data;
  throw directusUnavailable(parsed.error);
};
