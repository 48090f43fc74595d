import type { Row } from './token-kinds.ts';

/** Of both tokens Directus knows one only. */
export type Tokens = { readonly good: string; readonly bad: string };
export type Place = Row & {
  readonly query?: (tokens: Tokens) => string;
  readonly lines?: (tokens: Tokens) => string[];
};

const bearer = (token: string) => `Authorization: Bearer ${token}`;
const basic = (credentials: string) => `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`;
const cookie = (token: string) => `Cookie: theme=dark; directus_session_token=${token}; a=b`;

/** Every place where a token may stand, or may seem to. */
export const places: Place[] = [
  { what: 'nowhere', says: '401 INVALID_CREDENTIALS' },

  { what: 'in the query', says: '200', query: ({ good }) => `access_token=${good}` },
  { what: 'in the query among others', says: '200', query: ({ good }) => `a=1&&access_token=${good}&b[c]=2` },
  { what: 'in the query under an encoded name', says: '200', query: ({ good }) => `access%5Ftoken=${good}` },
  { what: 'in the query, each letter encoded', says: '200', query: ({ good }) => `access_token=${encoded(good)}` },
  {
    what: 'in the query in another case',
    says: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `Access_Token=${good}`,
  },
  { what: 'in the query with a blank', says: '401 INVALID_CREDENTIALS', query: ({ good }) => `access_token=+${good}` },
  { what: 'in the query, empty', says: '401 INVALID_CREDENTIALS', query: () => 'access_token=' },
  {
    what: 'in the query twice',
    says: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `access_token=${good}&access_token=${good}`,
  },
  { what: 'in the query as a list', says: '401 INVALID_CREDENTIALS', query: ({ good }) => `access_token[]=${good}` },
  {
    what: 'in the query as an object',
    says: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `access_token[a]=${good}`,
  },
  {
    what: 'in the query, empty, and in the header',
    says: '200',
    query: () => 'access_token=',
    lines: ({ good }) => [bearer(good)],
  },
  {
    what: 'in the query and in the header',
    says: '400 INVALID_PAYLOAD',
    query: ({ good }) => `access_token=${good}`,
    lines: ({ good }) => [bearer(good)],
  },
  {
    what: 'in the query as a list and in the header',
    says: '400 INVALID_PAYLOAD',
    query: ({ good }) => `access_token[]=${good}`,
    lines: ({ good }) => [bearer(good)],
  },
  {
    what: 'in the query as an object and in the header',
    says: '400 INVALID_PAYLOAD',
    query: ({ good }) => `access_token[a]=${good}`,
    lines: ({ good }) => [bearer(good)],
  },
  {
    what: 'in the query twice and in the header',
    says: '400 INVALID_PAYLOAD',
    query: ({ good }) => `access_token=${good}&access_token=${good}`,
    lines: ({ good }) => [bearer(good)],
  },
  {
    what: 'in the query as a list and in the cookie',
    says: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `access_token[]=${good}`,
    lines: ({ good }) => [cookie(good)],
  },
  {
    what: 'in the query behind a semicolon',
    says: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `a=1;access_token=${good}`,
  },
  {
    what: 'in the query, its name alone, and in the header',
    says: '200',
    query: () => 'access_token',
    lines: ({ good }) => [bearer(good)],
  },
  {
    // An oddity of Directus' query parser, which nobody needs.
    what: 'in the query, its name in brackets',
    says: '200',
    butGateway: '401 INVALID_CREDENTIALS',
    query: ({ good }) => `[access_token]=${good}`,
  },
  {
    what: 'in the query, and another one in the cookie',
    says: '200',
    query: ({ good }) => `access_token=${good}`,
    lines: ({ bad }) => [cookie(bad)],
  },
  {
    what: 'in the cookie, and a wrong one in the query',
    says: '401 INVALID_CREDENTIALS',
    query: ({ bad }) => `access_token=${bad}`,
    lines: ({ good }) => [cookie(good)],
  },

  { what: 'in the header as Bearer', says: '200', lines: ({ good }) => [bearer(good)] },
  { what: 'in the header as bearer', says: '200', lines: ({ good }) => [`authorization: bearer ${good}`] },
  { what: 'in the header as BEARER', says: '200', lines: ({ good }) => [`AUTHORIZATION: BEARER ${good}`] },
  { what: 'in the header amid blanks', says: '200', lines: ({ good }) => [`Authorization: \t Bearer ${good} \t`] },
  {
    what: 'in the header after two blanks',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`Authorization: Bearer  ${good}`],
  },
  {
    what: 'in the header after a tab',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`Authorization: Bearer\t${good}`],
  },
  {
    what: 'in the header with something behind it',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`${bearer(good)} x`],
  },
  {
    what: 'in the header with no scheme',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`Authorization: ${good}`],
  },
  {
    what: 'in the header under another scheme',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`Authorization: Token ${good}`],
  },
  {
    what: 'in the header, none behind Bearer',
    says: '401 INVALID_CREDENTIALS',
    lines: () => ['Authorization: Bearer'],
  },
  {
    what: 'in the header with a letter that is not ASCII',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ bad }) => [bearer(`${bad}\u00e4`)],
  },
  {
    what: 'in the first of two headers',
    says: '200',
    lines: ({ good, bad }) => [bearer(good), bearer(bad)],
  },
  {
    what: 'in the second of two headers',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good, bad }) => [bearer(bad), bearer(good)],
  },
  {
    what: 'in the header, and another one in the cookie',
    says: '200',
    lines: ({ good, bad }) => [cookie(bad), bearer(good)],
  },
  {
    what: 'in the cookie, and a wrong one in the header',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good, bad }) => [cookie(good), bearer(bad)],
  },
  {
    what: 'in the cookie, and a header of another scheme',
    says: '200',
    lines: ({ good, bad }) => [cookie(good), `Authorization: Token ${bad}`],
  },
  {
    what: 'in the cookie, and a Bearer with two blanks',
    says: '200',
    lines: ({ good, bad }) => [cookie(good), `Authorization: Bearer  ${bad}`],
  },

  { what: 'in the session cookie', says: '200', lines: ({ good }) => [cookie(good)] },
  {
    what: 'in the session cookie in quotes',
    says: '200',
    lines: ({ good }) => [`Cookie: directus_session_token="${good}"`],
  },
  { what: 'in the session cookie, each letter encoded', says: '200', lines: ({ good }) => [cookie(encoded(good))] },
  {
    what: 'in the first of two session cookies',
    says: '200',
    lines: ({ good, bad }) => [`Cookie: directus_session_token=${good}; directus_session_token=${bad}`],
  },
  {
    what: 'in the second of two session cookies',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good, bad }) => [`Cookie: directus_session_token=${bad}; directus_session_token=${good}`],
  },
  {
    what: 'in the second of two Cookie headers',
    says: '200',
    lines: ({ good }) => ['Cookie: theme=dark', `Cookie: directus_session_token=${good}`],
  },
  {
    // An oddity of Directus' cookie parser, which nobody needs.
    what: 'in the session cookie as JSON',
    says: '200',
    butGateway: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [cookie(`j:"${good}"`)],
  },
  { what: 'in the session cookie, empty', says: '401 INVALID_CREDENTIALS', lines: () => [cookie('')] },
  { what: 'in the session cookie, a wrong one', says: '401 INVALID_CREDENTIALS', lines: ({ bad }) => [cookie(bad)] },
  {
    what: 'in the session cookie in another case',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good }) => [`Cookie: Directus_Session_Token=${good}`],
  },
  { what: 'in another cookie', says: '401 INVALID_CREDENTIALS', lines: ({ good }) => [`Cookie: session=${good}`] },

  // Beyond Directus, for the official clients of the upstreams and `curl -u`:
  {
    what: 'as the password of Basic',
    says: '401 INVALID_CREDENTIALS',
    butGateway: '200',
    lines: ({ good }) => [basic(`anybody:${good}`)],
  },
  {
    what: 'as the user name of Basic without a password',
    says: '401 INVALID_CREDENTIALS',
    butGateway: '200',
    lines: ({ good }) => [basic(`${good}:`)],
  },
  {
    what: 'as the user name of Basic with another password',
    says: '401 INVALID_CREDENTIALS',
    lines: ({ good, bad }) => [basic(`${good}:${bad}`)],
  },
  {
    what: 'in the query, and another one as the password of Basic',
    says: '200',
    query: ({ good }) => `access_token=${good}`,
    lines: ({ bad }) => [basic(`anybody:${bad}`)],
  },
  {
    what: 'in the cookie, and another one as the password of Basic',
    says: '200',
    lines: ({ good, bad }) => [cookie(good), basic(`anybody:${bad}`)],
  },
];

const encoded = (text: string): string => text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
