import { hash } from 'node:crypto';
import type { Accountability, Permissions } from '../directus/accountability.ts';
import type { TokenPayload } from '../directus/answers.ts';
import { type Asker, visibleAscii } from '../directus/client.ts';
import type { Directus } from '../directus/directus.ts';
import { directusUnavailable, GatewayError } from '../errors/gateway-error.ts';
import type { Concerned } from '../feed/concerned.ts';
import type { GuardTokens } from '../limit/refused-tokens.ts';
import type { Token } from '../token/extract-token.ts';
import type { Trace } from '../tracing/trace.ts';
import { createMemory, type RememberedCounts } from './remember.ts';
import { readTokenPayload } from './token-payload.ts';

/** Somebody whom Directus knows. */
export type Caller = {
  readonly asker: Asker;
  readonly accountability: Accountability;
  /** Milliseconds since the epoch at which Directus was asked. */
  readonly askedAt: number;
};

/**
 * @param address the caller's IP address, as Directus should see it
 * @param mayBePublic whether a caller without a token is somebody here: the public
 * @param trace that the questions to Directus become a part of, those about this caller's rows too
 */
export type Authenticate = (
  token: Token | undefined,
  address: string,
  mayBePublic: boolean,
  trace?: Trace,
) => Promise<Caller>;

export type Authenticator = {
  readonly authenticate: Authenticate;
  /** Forgets what is remembered of these. */
  readonly forget: (concerned: Concerned) => void;
  /** How many answers of Directus are remembered, refusals included. */
  readonly entries: () => number;
};

export type AuthenticatorParts = {
  readonly directus: Directus;
  /** Stands between those who guess tokens and Directus; nothing does when it is left out. */
  readonly guard?: GuardTokens | undefined;
  /** Whether rules speak of a collection: of the others' permissions nothing is kept. */
  readonly isGoverning: (collection: string) => boolean;
  /** Milliseconds for which an answer that is given now may be remembered. */
  readonly ttlMs: () => number;
  readonly counts?: RememberedCounts | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Asks Directus who bears a token and what they may do, and remembers the answer for a while: per token and address,
 * never past the token's `exp`. Refusals of a token are remembered briefly, failures never.
 *
 * A plain JWT stays good for Directus until its `exp`, whatever becomes of the user. With a service token it is refused
 * as soon as the user is not active, is gone, or has another role than the JWT says.
 *
 * Throws Directus' own refusals, and SERVICE_UNAVAILABLE when Directus cannot be understood.
 */
export function createAuthenticator({
  directus,
  guard = (_token, ask) => ask(),
  isGoverning,
  ttlMs,
  counts,
  now,
}: AuthenticatorParts): Authenticator {
  const memory = createMemory<Known>({ now, refusalTtlMs, counts });

  const requireUnchanged = async ({ id, role }: TokenPayload, trace: Trace | undefined): Promise<void> => {
    if (directus.readAccount === undefined || id === undefined || id === null) return;
    const account = await directus.readAccount(id, trace).catch(asFailure);
    const isUnchanged = account?.status === 'active' && (account.role?.id ?? null) === (role ?? null);
    if (!isUnchanged) throw new GatewayError('INVALID_CREDENTIALS', { logReason: 'account_changed' });
  };

  const ask = async (asker: Asker & { readonly address: string }) => {
    const askedAt = now();
    const payload = readTokenPayload(asker.token);
    const unchanged = payload === undefined ? undefined : requireUnchanged(payload, asker.trace);
    unchanged?.catch(() => undefined); // heard below, when Directus has said whether the payload is true at all
    const [permissions, who] = await Promise.all([directus.readPermissions(asker), payload ?? directus.readMe(asker)]);
    await unchanged;
    const accountability: Accountability = {
      user: who.id ?? null,
      role: who.role ?? null,
      share: payload?.share ?? null,
      ip: asker.address,
      permissions: only(permissions),
    };
    if (accountability.user === null && accountability.share === null)
      throw new GatewayError('INVALID_TOKEN', { logReason: 'nobody' });
    const expiresAt = payload === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1_000;
    return { answer: known(accountability), until: Math.min(askedAt + ttlMs(), expiresAt) };
  };

  const only = (permissions: Permissions): Permissions =>
    permissions instanceof Map
      ? new Map([...permissions].filter(([collection]) => isGoverning(collection)))
      : permissions;

  const askForPublic = async (address: string, trace: Trace | undefined) => {
    const askedAt = now();
    if (directus.readPublicPermissions === undefined) throw noToken();
    const permissions = only(await directus.readPublicPermissions(trace).catch(asFailure));
    const accountability = { user: null, role: null, share: null, ip: address, permissions };
    return { answer: known(accountability), until: askedAt + ttlMs() };
  };

  return {
    authenticate: async (token, address, mayBePublic, trace) => {
      if (token === undefined && !mayBePublic) throw noToken();
      const asker = { token: token?.value ?? '', address, trace };
      if (token !== undefined && !visibleAscii.test(token.value)) {
        throw new GatewayError('INVALID_CREDENTIALS', { logReason: 'unfit_token' });
      }
      const key = keyOf(asker);
      const question = () =>
        token === undefined ? askForPublic(address, trace) : guard({ key, address }, () => ask(asker));
      const { answer, askedAt } = await memory.recall(key, question, trace);
      return { asker, accountability: answer.accountability, askedAt };
    },
    forget: (concerned) => memory.forget(({ restsOn }) => concerns(concerned, restsOn)),
    entries: memory.entries,
  };
}

type Known = {
  readonly accountability: Accountability;
  /** The user, by id in lower case, whose changes alone can make it untrue; undefined where others' can, too. */
  readonly restsOn: string | undefined;
};

/**
 * A share's rights end where those of its creator do, who is not known here. In presets Directus has put in what they
 * refer to, such as `$CURRENT_USER.manager.email`: another user's.
 */
const known = (accountability: Accountability): Known => ({
  accountability,
  restsOn: hasPresets(accountability.permissions) ? undefined : accountability.user?.toLowerCase(),
});

const concerns = (concerned: Concerned, restsOn: Known['restsOn']): boolean =>
  concerned === 'everybody' || restsOn === undefined || concerned.includes(restsOn);

const hasPresets = (permissions: Permissions): boolean =>
  permissions instanceof Map &&
  [...permissions.values()].some(({ read, create, update, delete: remove }) =>
    [read, create, update, remove].some((permission) => Object.keys(permission?.presets ?? {}).length > 0),
  );

const noToken = () => new GatewayError('INVALID_CREDENTIALS', { logReason: 'no_token' });

/** What Directus refuses the service token is no refusal of the caller. */
function asFailure(error: unknown): never {
  throw error instanceof GatewayError && error.status < 500 ? directusUnavailable(error) : error;
}

const refusalTtlMs = 2_000;

/** Neither token nor address can be read from it, and no two pairs make the same text. */
const keyOf = ({ token, address }: Asker): string => hash('sha256', JSON.stringify([token, address]), 'base64');
