import { z } from 'zod';

/**
 * Where Directus puts the tokens: `json` both in the body, `cookie` the refresh token in a cookie, `session` one token
 * for both in a cookie.
 */
export type LoginMode = 'json' | 'cookie' | 'session';

export type Login = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** What a browser would send from now on, as `name=value`. */
  readonly cookie: string;
};

const answer = z.object({
  data: z.object({ access_token: z.string().optional(), refresh_token: z.string().optional() }),
});

/** Logs in by password, at Directus itself. */
export const logIn = (url: string, { email, password }: { email: string; password: string }, mode: LoginMode) =>
  post(url, '/auth/login', { email, password, mode });

/** Exchanges what a login (or the last refresh) gave for something fresh. */
export const refresh = (url: string, { refreshToken, cookie }: Login, mode: LoginMode) =>
  post(url, '/auth/refresh', { mode, refresh_token: refreshToken }, cookie);

export async function logOut(url: string, { refreshToken, cookie }: Login, mode: LoginMode): Promise<void> {
  await send(url, '/auth/logout', { mode, refresh_token: refreshToken }, cookie);
}

async function post(url: string, path: string, body: object, cookie = ''): Promise<Login> {
  const response = await send(url, path, body, cookie);
  const { data } = answer.parse(await response.json());
  const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  return { accessToken: data.access_token, refreshToken: data.refresh_token, cookie: cookies.join('; ') };
}

async function send(url: string, path: string, body: object, cookie: string): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', Cookie: cookie };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`Directus answered POST ${path} with ${response.status}: ${await response.text()}`);
  return response;
}
