import { type AuthenticationData, authentication, createDirectus, isDirectusError } from '@directus/sdk';
import { refreshInTurn } from './refresh-in-turn.ts';
import type { settings } from './settings.ts';

/** What a call to the gateway is made with. The token is missing where the browser sends a cookie instead. */
export type Proof = { readonly token: string | undefined; readonly of: AuthenticationData | null };

export type SignIn = ReturnType<typeof createSignIn>;

/** Directus could not be asked. The sign-in may be good still, and nothing was sent with it. */
export class NotRefreshed extends Error {
  override readonly name = 'NotRefreshed';
}

/** The user's sign-in at Directus. What of it a script can see is in memory alone. */
export function createSignIn({ mode, directusUrl }: Pick<typeof settings, 'mode' | 'directusUrl'>) {
  let kept: AuthenticationData | null = null;
  const directus = createDirectus(directusUrl, {
    // Tabs in json mode have nothing in common.
    globals: { fetch: mode === 'json' ? (url, options) => fetch(url, options) : refreshInTurn() },
  }).with(
    authentication(mode, {
      credentials: mode === 'json' ? 'omit' : 'include',
      // A session's cookie is gone at its end, and nothing could be refreshed then; a refresh token lives longer.
      autoRefresh: mode === 'session',
      msRefreshBeforeExpires: 5_000,
      storage: {
        get: () => kept,
        set: (data) => {
          kept = data;
        },
      },
    }),
  );

  /**
   * False when there is nothing left to refresh with.
   * @throws NotRefreshed
   */
  const refresh = (): Promise<boolean> =>
    directus.refresh().then(
      () => true,
      (error: unknown) => {
        if (isDirectusError(error) && error.response.status < 500) return false;
        throw new NotRefreshed('Directus does not answer, and your sign-in needs it now. Nothing was sent.', {
          cause: error,
        });
      },
    );
  let renewing: Promise<boolean> | undefined;

  return {
    start: async (email: string, password: string): Promise<void> => {
      await directus.login({ email, password });
    },

    /** Whether a cookie is there that signs in without a password. */
    resume: async (): Promise<boolean> => mode !== 'json' && (await refresh()),

    /** Refreshes first where the token is about to end. */
    proof: async (): Promise<Proof> => {
      const token = (await directus.getToken()) ?? undefined;
      return { token, of: kept };
    },

    /** Refreshes once for all calls that were refused with the same token. False: the user must sign in again. */
    renew: async ({ of }: Proof): Promise<boolean> => {
      if (kept !== of) return true;
      renewing ??= refresh().finally(() => {
        renewing = undefined;
      });
      return await renewing;
    },

    end: async (): Promise<void> => {
      try {
        await directus.logout();
      } finally {
        directus.stopRefreshing();
        kept = null;
      }
    },
  };
}
