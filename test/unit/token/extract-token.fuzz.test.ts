import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { extractToken, type TokenPlaces, withoutToken } from '../../../src/token/extract-token.ts';

const sessionCookieName = 'directus_session_token';
const runs = { numRuns: 5_000 };

/** What stands in one place: how it is written there, and what it says. */
type Said = { readonly text: string; readonly token?: string; readonly unfit?: boolean };
type Sent = { readonly query: Said[]; readonly authorization: Said | undefined; readonly cookies: Said[] };

const token = fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/).map((text) => `t${text}`);
const percent = (text: string) => text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);

const parameter = fc.oneof(
  fc
    .tuple(fc.constantFrom('access_token', 'access%5Ftoken', percent('access_token')), token, fc.boolean())
    .map(([name, value, isEncoded]): Said => ({ text: `${name}=${isEncoded ? percent(value) : value}`, token: value })),
  fc
    .tuple(fc.constantFrom('access_token[]', 'access_token[a]', 'access_token%5B%5D', '[access_token]'), token)
    .map(([name, value]): Said => ({ text: `${name}=${value}`, unfit: true })),
  fc
    .tuple(fc.constantFrom('Access_Token', 'a[access_token]', 'access_tokens', '?access_token', ' access_token'), token)
    .map(([name, value]): Said => ({ text: `${name}=${value}` })),
  fc.constantFrom<Said>({ text: 'access_token', token: '' }, { text: 'access_token=', token: '' }),
  fc.constantFrom<Said>({ text: '' }, { text: 'limit=3' }, { text: '=x' }, { text: '%' }, { text: '__proto__=1' }),
);
const authorization = fc.oneof(
  fc
    .tuple(fc.constantFrom('Bearer', 'bearer', 'BEARER'), token)
    .map(([scheme, value]): Said => ({ text: `${scheme} ${value}`, token: value })),
  fc
    .tuple(fc.constantFrom('Bearer  ', 'Bearer\t', 'Token ', 'Digest ', 'BearerX ', ''), token)
    .map(([scheme, value]): Said => ({ text: `${scheme}${value}` })),
  token.map((value): Said => ({ text: `Bearer ${value} x` })),
  fc.constant<Said>({ text: 'Bearer ', token: '' }),
);
const cookie = fc.oneof(
  token.map((value): Said => ({ text: `${sessionCookieName}=${value}`, token: value })),
  token.map((value): Said => ({ text: `${sessionCookieName}="${value}"`, token: value })),
  fc
    .tuple(fc.constantFrom('session', 'Directus_Session_Token', '__proto__', 'xdirectus_session_token'), token)
    .map(([name, value]): Said => ({ text: `${name}=${value}` })),
  fc.constantFrom<Said>({ text: 'theme=dark' }, { text: 'nonsense' }, { text: '' }),
);
const sent: fc.Arbitrary<Sent> = fc.record({
  query: fc.array(parameter, { maxLength: 3 }),
  authorization: fc.option(authorization, { nil: undefined }),
  cookies: fc.array(cookie, { maxLength: 3 }),
});

const placesOf = ({ query, authorization: header, cookies }: Sent): TokenPlaces => ({
  query: query.map(({ text }) => text).join('&'),
  authorization: header?.text,
  cookie: cookies.length === 0 ? undefined : cookies.map(({ text }) => text).join('; '),
  sessionCookieName,
});

/** `middleware/extract-token` of Directus, told of what was said instead of how. */
function expected({ query, authorization: header, cookies }: Sent): string {
  const named = query.filter((said) => said.token !== undefined);
  const isUnfit = named.length > 1 || query.some(({ unfit }) => unfit === true);
  const [inQuery] = named;
  const hasQuery = isUnfit || (inQuery?.token ?? '') !== '';
  if (hasQuery && header?.token !== undefined) return 'refused: INVALID_PAYLOAD';
  if (isUnfit) return 'refused: INVALID_CREDENTIALS';
  if (hasQuery) return `query: ${inQuery?.token}`;
  if (header?.token !== undefined) return header.token === '' ? 'none' : `header: ${header.token}`;
  const inCookie = cookies.find((said) => said.token !== undefined)?.token;
  return inCookie === undefined ? 'none' : `cookie: ${inCookie}`;
}

function extracted(places: TokenPlaces): string {
  try {
    const found = extractToken(places);
    return found === undefined ? 'none' : `${found.source}: ${found.value}`;
  } catch (error) {
    if (error instanceof GatewayError) return `refused: ${error.code}`;
    throw error;
  }
}

describe('whatever a caller sends in whatever places', () => {
  it('one token is taken, or none, or the request is refused, as Directus would', () => {
    fc.assert(
      fc.property(sent, (what) => {
        expect(extracted(placesOf(what))).toBe(expected(what));
      }),
      runs,
    );
  });

  it('all of these come about, or this would say nothing', () => {
    const outcomes = new Set(
      fc.sample(sent, { numRuns: 1_000, seed: 7 }).map((what) => expected(what).split(':', 1)[0]),
    );
    expect([...outcomes].sort()).toEqual(['cookie', 'header', 'none', 'query', 'refused']);
  });

  it('the query that goes on holds no token and is otherwise as it was', () => {
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 4 }), (query) => {
        const left = withoutToken(query.map(({ text }) => text).join('&'));
        const others = query.filter((said) => said.token === undefined).map(({ text }) => text);
        expect(left).toBe(others.join('&'));
      }),
      runs,
    );
  });
});

describe('bytes that make no sense', () => {
  const piece = fc.constantFrom(
    ...[
      'access_token',
      '=',
      '&',
      '[',
      ']',
      '%5B',
      '%',
      '%FF',
      ';',
      ',',
      ' ',
      '+',
      '"',
      'Bearer',
      'Basic',
      '\t',
      'x',
      ':',
    ],
    ...['directus_session_token', 'YTpi', 'Og==', '\u00e4', '\0', 'j:', '#', '?'],
  );
  const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
  const places = fc.record({
    query: text,
    authorization: fc.option(
      fc.oneof(
        text,
        text.map((rest) => `Bearer ${rest}`),
        text.map((rest) => `Basic ${rest}`),
      ),
      {
        nil: undefined,
      },
    ),
    cookie: fc.option(
      fc.oneof(
        text,
        text.map((rest) => `directus_session_token=${rest}`),
      ),
      { nil: undefined },
    ),
  });

  it('never make a token of what was not sent, nor an error that has no code', () => {
    fc.assert(
      fc.property(places, (given) => {
        const found = extracted({ ...given, sessionCookieName });
        if (found === 'none' || found.startsWith('refused: ')) return;
        const [source = '', value = ''] = found.split(/: (.*)/s);
        expect(value).not.toBe('');
        expect(readingsOf(given, source).some((reading) => reading.includes(value))).toBe(true);
      }),
      runs,
    );
  });

  type Given = Pick<TokenPlaces, 'query' | 'authorization' | 'cookie'>;
  /** Every text that the place holds, plain and decoded. */
  function readingsOf({ query, authorization: header = '', cookie: jar = '' }: Given, source: string): string[] {
    switch (source) {
      case 'query':
        return query.split('&').map((pair) => [...new URLSearchParams(`&${pair}`).values()].join());
      case 'header':
        return [header];
      case 'cookie':
        return jar.split(';').flatMap((pair) => [pair, decoded(pair)]);
      default:
        return [Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8')];
    }
  }

  function decoded(pair: string): string {
    try {
      return decodeURIComponent(pair);
    } catch {
      return pair;
    }
  }
});
