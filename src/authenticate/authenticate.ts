import { hash } from 'node:crypto';
import type { Accountability } from '../authorize/accountability.ts';
import type { Directus } from '../directus/directus.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Token } from '../token/extract-token.ts';
import { remember } from './remember.ts';
import { readTokenPayload } from './token-payload.ts';

/** @param address the caller's IP address, as Directus should see it */
export type Authenticate = (token: Token | undefined, address: string) => Promise<Accountability>;

export type AuthenticateParts = {
  readonly directus: Directus;
  /** Milliseconds for which an answer of Directus is remembered. */
  readonly permissionsTtlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Asks Directus who bears a token and what they may do, and remembers the answer for a while: per token and address,
 * never past the token's `exp`. Refusals of a token are remembered briefly, failures never.
 * Throws Directus' own refusals, and SERVICE_UNAVAILABLE when Directus cannot be understood.
 */
export function authenticator({ directus, permissionsTtlMs, now }: AuthenticateParts): Authenticate {
  const memory = remember<Accountability>({ now, refusalTtlMs: Math.min(permissionsTtlMs, refusalTtlMs) });

  const ask = async ({ value }: Token, address: string) => {
    const payload = readTokenPayload(value);
    const [permissions, who] = await Promise.all([
      directus.readPermissions(value, address),
      payload === undefined ? directus.readMe(value, address) : payload,
    ]);
    const answer: Accountability = {
      user: who.id ?? null,
      role: who.role ?? null,
      share: payload?.share ?? null,
      permissions,
    };
    if (answer.user === null && answer.share === null) throw new GatewayError('INVALID_TOKEN', { logReason: 'nobody' });
    const expiresAt = payload === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1_000;
    return { answer, until: Math.min(now() + permissionsTtlMs, expiresAt) };
  };

  return async (token, address) => {
    if (token === undefined) throw new GatewayError('INVALID_CREDENTIALS', { logReason: 'no_token' });
    if (!visibleAscii.test(token.value)) throw new GatewayError('INVALID_CREDENTIALS', { logReason: 'unfit_token' });
    return await memory(keyOf(token.value, address), () => ask(token, address));
  };
}

const refusalTtlMs = 2_000;

/** What fits a header: fetch would quote any other token in its error. */
const visibleAscii = /^[\x21-\x7e]+$/;

/** Neither token nor address can be read from it, and no two pairs make the same text. */
const keyOf = (token: string, address: string): string => hash('sha256', JSON.stringify([token, address]), 'base64');
