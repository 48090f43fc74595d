import { type Answer, ask } from './ask.ts';
import { isMembers } from './document.ts';

/** How the caller has said who they are. */
export type Proof = 'none' | 'cookie' | 'token' | 'password';

export type Session = {
  proof(): Proof;
  /** The e-mail of whoever has signed in by password. */
  email(): string | undefined;
  /** What a request bears from now on. A login that is about to end is renewed first. */
  credentials(): Promise<Credentials>;
  /** Undefined: signed in. */
  signIn(login: Login): Promise<Refusal | undefined>;
  useToken(token: string): void;
  useCookie(): void;
  /** Nobody from now on, without a word to Directus. */
  forget(): void;
  /** Ends the login, or the cookie's session, at Directus too. */
  signOut(): Promise<void>;
};

export type Credentials = { readonly authorization?: string; readonly credentials: RequestCredentials };

export type Login = { readonly email: string; readonly password: string; readonly otp: string };

/** `otp`: Directus wants a one-time password as well. */
export type Refusal = { readonly message: string; readonly wantsOtp: boolean };

type Tokens = { readonly access: string; readonly refresh: string; readonly renewAt: number };

/**
 * Who uses the page, for as long as it is open: a token is held in this closure and nowhere else, neither in a store of
 * the browser's nor in an address. Whoever reloads the page signs in anew, unless a cookie of Directus says who they are.
 * @param directusUrl ends with a slash
 */
export function createSession(directusUrl: URL): Session {
  let proof: Proof = 'none';
  let email: string | undefined;
  let pasted = '';
  let tokens: Tokens | undefined;
  let renewing: Promise<void> | undefined;

  const post = (path: string, body: object, credentials: RequestCredentials = 'omit'): Promise<Answer> =>
    ask(new URL(path, directusUrl), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials,
    });

  const forget = (): void => {
    proof = 'none';
    email = undefined;
    pasted = '';
    tokens = undefined;
  };

  const renew = async (): Promise<void> => {
    const held = tokens;
    const answer = await post('auth/refresh', { mode: 'json', refresh_token: held?.refresh });
    if (tokens !== held) return; // signed out, or in as somebody else, in the meantime
    if (answer.ok) tokens = tokensIn(answer.body);
    else if (answer.status === 400 || answer.status === 401 || answer.status === 403) forget();
  };

  return {
    proof: () => proof,
    email: () => email,
    credentials: async () => {
      if (tokens !== undefined && Date.now() >= tokens.renewAt) {
        renewing ??= renew().finally(() => {
          renewing = undefined;
        });
        await renewing;
      }
      if (proof === 'cookie') return { credentials: 'same-origin' };
      const token = proof === 'password' ? tokens?.access : pasted;
      return { credentials: 'omit', ...(token && { authorization: `Bearer ${token}` }) };
    },
    signIn: async ({ otp, ...login }) => {
      const answer = await post('auth/login', { ...login, mode: 'json', ...(otp !== '' && { otp }) });
      if (!answer.ok) return await refusalOf(answer, directusUrl);
      forget();
      tokens = tokensIn(answer.body);
      proof = 'password';
      email = login.email;
      return undefined;
    },
    useToken: (token) => {
      forget();
      pasted = token;
      proof = 'token';
    },
    useCookie: () => {
      forget();
      proof = 'cookie';
    },
    forget,
    signOut: async () => {
      const held = tokens;
      const had = proof;
      forget();
      if (had === 'cookie') await post('auth/logout', { mode: 'session' }, 'same-origin');
      if (held !== undefined) await post('auth/logout', { mode: 'json', refresh_token: held.refresh });
    },
  };
}

/** Half a minute before its end, or half-way through a life that is shorter than a minute. */
function tokensIn(body: unknown): Tokens {
  const data = isMembers(body) && isMembers(body.data) ? body.data : {};
  const { access_token: access, refresh_token: refresh, expires } = data;
  const lifeMs = Number(expires);
  return {
    access: String(access),
    refresh: String(refresh),
    renewAt: Date.now() + Math.max(lifeMs / 2, lifeMs - 30_000),
  };
}

async function refusalOf(answer: Exclude<Answer, { ok: true }>, directusUrl: URL): Promise<Refusal> {
  const { status, code, message } = answer;
  if (status === 0) return { message: await whySilent(directusUrl), wantsOtp: false };
  if (code === 'INVALID_OTP') return { message: 'Enter the one-time password of your app.', wantsOtp: true };
  if (code === 'INVALID_CREDENTIALS')
    return { message: 'Directus does not know this e-mail with this password.', wantsOtp: false };
  return { message: `Directus says: ${message}`, wantsOtp: false };
}

/** A browser says the same of a server that is not there and of one that does not let the page read its answers. */
async function whySilent(directusUrl: URL): Promise<string> {
  const address = directusUrl.href.replace(/\/$/, '');
  const isThere = await fetch(new URL('server/ping', directusUrl), { mode: 'no-cors', credentials: 'omit' }).then(
    () => true,
    () => false,
  );
  return isThere
    ? `Directus at ${address} does not let pages of ${location.origin} sign in (CORS). In Directus, set CORS_ENABLED=true and CORS_ORIGIN=${location.origin}; or paste a token below.`
    : `Directus cannot be reached at ${address} from this browser. If that is not its public address, the gateway's operator sets DIRECTUS_PUBLIC_URL; or paste a token below.`;
}
