import { parseCookie } from 'cookie';
import { GatewayError, invalidPayload } from '../errors/gateway-error.ts';

export type TokenSource = 'query' | 'header' | 'cookie' | 'basic';

/** A Directus token as it came: not yet checked by anyone. */
export type Token = { readonly source: TokenSource; readonly value: string };

export type TokenPlaces = {
  /** Raw query string without `?`. */
  readonly query: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly sessionCookieName: string;
};

/**
 * The token, from where Directus takes it (`middleware/extract-token`, the same in 10, 11 and 12) and in that order:
 * query `access_token`, `Authorization: Bearer`, session cookie. Beyond Directus, where there is none of these, Basic
 * credentials carry it as the password, or as the user name when the password is empty, for the official SDKs and
 * `curl -u`.
 * @throws GatewayError INVALID_PAYLOAD when the query and the header both bear one; INVALID_CREDENTIALS when
 *   `access_token` is repeated or nested
 */
export function extractToken({ query, authorization, cookie, sessionCookieName }: TokenPlaces): Token | undefined {
  const inQuery = fromQuery(query);
  const inHeader = fromBearer(authorization);
  if (inQuery !== undefined && inHeader !== undefined) {
    throw invalidPayload('The request uses more than one method for including an access token');
  }
  if (inQuery === 'unfit') throw new GatewayError('INVALID_CREDENTIALS', { logReason: 'unfit_token' });
  const token = inQuery ?? inHeader ?? fromCookie(cookie, sessionCookieName) ?? fromBasic(authorization);
  return token?.value === '' ? undefined : token;
}

/** `unfit`: there is something that Directus would not take for one token. */
function fromQuery(query: string): Token | 'unfit' | undefined {
  if (query === '') return undefined;
  const values: string[] = [];
  for (const [name, value] of parametersOf(query)) {
    if (name === 'access_token') values.push(value);
    else if (nested.test(name)) return 'unfit';
  }
  if (values.length > 1) return 'unfit';
  const [value = ''] = values;
  return value === '' ? undefined : { source: 'query', value };
}

/** URLSearchParams would take a leading question mark for the beginning of the query rather than of a name. */
const parametersOf = (query: string): URLSearchParams => new URLSearchParams(`&${query}`);

/** What Directus' query parser (qs) makes a list, an object or, oddly, the plain `access_token` of. */
const nested = /^(access_token\[|\[access_token)/;

function fromBearer(authorization: string | undefined): Token | undefined {
  const [scheme, value, ...more] = authorization?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || value === undefined || more.length > 0) return undefined;
  return { source: 'header', value };
}

function fromBasic(authorization: string | undefined): Token | undefined {
  const encoded = /^basic ([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  if (password.length === 0) return undefined;
  return { source: 'basic', value: password.join(':') || user };
}

function fromCookie(cookie: string | undefined, name: string): Token | undefined {
  const value = cookie === undefined ? undefined : parseCookie(cookie)[name];
  return value === undefined ? undefined : { source: 'cookie', value: value.replace(/^"(.*)"$/, '$1') };
}

/** The query without the caller's token: every other byte stays as it was. */
export const withoutToken = (query: string): string =>
  query === ''
    ? query
    : query
        .split('&')
        .filter((pair) => parametersOf(pair).get('access_token') === null)
        .join('&');
