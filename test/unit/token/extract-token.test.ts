import { describe, expect, it } from '@jest/globals';
import { extractToken, type Token, type TokenPlaces } from '../../../src/token/extract-token.ts';
import { refusalOf } from '../refusal.ts';

type Places = Partial<TokenPlaces>;

const cookie = 'directus_session_token=fromCookie';
const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const extract = (places: Places): Token | undefined =>
  extractToken({
    query: '',
    authorization: undefined,
    cookie: undefined,
    sessionCookieName: 'directus_session_token',
    ...places,
  });

describe('a caller’s token is taken', () => {
  const places: [string, Places, Token['source'], string][] = [
    ['from the query', { query: 'access_token=abc' }, 'query', 'abc'],
    ['from among other parameters', { query: 'a=1&access_token=abc&b=2' }, 'query', 'abc'],
    ['from the query with its value encoded', { query: 'access_token=a%2Eb' }, 'query', 'a.b'],
    ['from the query with its name encoded', { query: 'access%5Ftoken=abc' }, 'query', 'abc'],
    ['from the query beside an empty parameter name', { query: '&=x&access_token=abc&' }, 'query', 'abc'],
    ['from Bearer', { authorization: 'Bearer abc' }, 'header', 'abc'],
    ['from bearer in lower case', { authorization: 'bearer abc' }, 'header', 'abc'],
    ['from BEARER in upper case', { authorization: 'BEARER abc' }, 'header', 'abc'],
    ['from the session cookie', { cookie }, 'cookie', 'fromCookie'],
    ['from the session cookie among others', { cookie: `a=1; ${cookie}; b=2` }, 'cookie', 'fromCookie'],
    ['from a renamed session cookie', { cookie: 'house=abc', sessionCookieName: 'house' }, 'cookie', 'abc'],
    ['from the password of Basic, as an SDK sends it', { authorization: basic('AC1:abc') }, 'basic', 'abc'],
    ['from the user name of Basic, as curl -u abc: sends it', { authorization: basic('abc:') }, 'basic', 'abc'],
    ['from a password without a user name', { authorization: basic(':abc') }, 'basic', 'abc'],
    ['from a password with colons, all of it', { authorization: basic('u:a:b:') }, 'basic', 'a:b:'],
    ['from basic in lower case', { authorization: basic('u:abc').replace('B', 'b') }, 'basic', 'abc'],
    ['from Basic without padding', { authorization: basic('u:abcd').replaceAll('=', '') }, 'basic', 'abcd'],
  ];

  it.each(places)('%s', (_where, given, source, value) => {
    expect(extract(given)).toEqual({ source, value });
  });
});

describe('a session cookie loses against every other token and stands in for none', () => {
  const places: [string, Places, Token['source']][] = [
    ['the query wins', { query: 'access_token=abc' }, 'query'],
    ['Bearer wins', { authorization: 'Bearer abc' }, 'header'],
    ['the cookie wins over Basic, which is not Directus’ own', { authorization: basic('u:abc') }, 'cookie'],
    ['access_token wins over Basic', { query: 'access_token=abc', authorization: basic('u:def') }, 'query'],
    ['an empty access_token is none', { query: 'access_token=' }, 'cookie'],
    ['another scheme is none', { authorization: 'Digest abc' }, 'cookie'],
    ['Basic without a colon is none', { authorization: basic('abc') }, 'cookie'],
    ['two spaces make it none', { authorization: 'Bearer  abc' }, 'cookie'],
  ];

  it.each(places)('%s', (_why, given, source) => {
    expect(extract({ ...given, cookie })?.source).toBe(source);
  });
});

describe('a caller bears no token, which is no error by itself, with', () => {
  const places: [string, Places][] = [
    ['nothing at all', {}],
    ['an empty access_token', { query: 'access_token=' }],
    ['access_token without a value', { query: 'access_token' }],
    ['the parameter in another case', { query: 'Access_Token=abc' }],
    ['a parameter that only begins like it', { query: 'access_tokens=abc' }],
    ['a parameter that holds it as a key', { query: 'a[access_token]=abc' }],
    ['a second question mark before it, which belongs to the name', { query: '?access_token=abc' }],
    ['Bearer alone', { authorization: 'Bearer' }],
    ['an empty Bearer', { authorization: 'Bearer ' }],
    ['two spaces', { authorization: 'Bearer  abc' }],
    ['a tab', { authorization: 'Bearer\tabc' }],
    ['something after the token', { authorization: 'Bearer abc def' }],
    ['a space before the scheme', { authorization: ' Bearer abc' }],
    ['the token without a scheme', { authorization: 'abc' }],
    ['an unknown scheme', { authorization: 'Token abc' }],
    ['Basic alone', { authorization: 'Basic' }],
    ['Basic with two spaces', { authorization: basic('u:abc').replace(' ', '  ') }],
    ['Basic that is not base64', { authorization: 'Basic u:abc' }],
    ['Basic without a colon', { authorization: basic('abc') }],
    ['Basic with neither user name nor password', { authorization: basic(':') }],
    ['an empty session cookie', { cookie: 'directus_session_token=' }],
    ['another cookie', { cookie: 'session=abc' }],
    ['the usual cookie where it has been renamed', { cookie, sessionCookieName: 'house' }],
    ['a cookie named like a member of every object', { cookie, sessionCookieName: 'constructor' }],
  ];

  it.each(places)('%s', (_what, given) => {
    expect(extract(given)).toBeUndefined();
  });
});

describe('a caller with a token in the query and in the header is refused as Directus does', () => {
  const places: [string, Places][] = [
    ['two different ones', { query: 'access_token=abc', authorization: 'Bearer def' }],
    ['twice the same one', { query: 'access_token=abc', authorization: 'Bearer abc' }],
    ['with a cookie too', { query: 'access_token=abc', authorization: 'Bearer def', cookie }],
  ];

  it.each(places)('%s', (_what, given) => {
    const reason = 'The request uses more than one method for including an access token';
    expect(refusalOf(() => extract(given))).toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: `Invalid payload. ${reason}.`,
      extensions: { reason },
    });
  });
});

describe('an access_token that Directus would read as a list or an object is refused, whatever is beside it', () => {
  const queries: [string, string][] = [
    ['repeated', 'access_token=abc&access_token=def'],
    ['repeated and equal', 'access_token=abc&access_token=abc'],
    ['repeated with an empty one', 'access_token=&access_token=abc'],
    ['repeated under an encoded name', 'access_token=abc&access%5ftoken=abc'],
    ['a list', 'access_token[]=abc'],
    ['a list with an index', 'access_token[0]=abc'],
    ['an object', 'access_token[a]=abc'],
    ['an object with encoded brackets', 'access_token%5Ba%5D=abc'],
    ['a list beside a plain one', 'access_token=abc&access_token[]=def'],
    ['in brackets as a whole', '[access_token]=abc'],
  ];

  it.each(queries)('%s', (_what, query) => {
    for (const authorization of [undefined, basic('u:abc')]) {
      const refusal = refusalOf(() => extract({ query, authorization, cookie }));
      expect([refusal.code, refusal.status, refusal.logReason]).toEqual(['INVALID_CREDENTIALS', 401, 'unfit_token']);
    }
    const twofold = refusalOf(() => extract({ query, authorization: 'Bearer abc', cookie }));
    expect([twofold.code, twofold.status]).toEqual(['INVALID_PAYLOAD', 400]);
  });
});
