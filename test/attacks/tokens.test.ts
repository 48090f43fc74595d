import { afterAll, describe, expect, it } from '@jest/globals';
import { dial, head } from '../world/dial.ts';
import { jwt } from '../world/jwt.ts';
import { signJwt } from '../world/sign-jwt.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';
import { type Attack, carryOut, verdicts } from './attack.ts';

const world = await useWorld();
const { reader, nobody } = tokens;
/** Every attack has a stranger of its own: refusals are remembered. */
const stranger = 'canaryTokenStranger';
const secret = 'canarySecretOfDirectus';
const mayRead = { customers: { read: { access: 'full', fields: ['*'] } } };
const later = Math.floor(Date.now() / 1_000) + 3_600;
const customers = '/stripe/v1/customers';

const get = (query: string, ...lines: string[]) =>
  head(`GET ${customers}${query} HTTP/1.1`, ...lines, 'Connection: close');
const bearing = (token: string) => get('', `Authorization: Bearer ${token}`);
const cookie = (value: string) => `Cookie: directus_session_token=${value}`;
const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;

/** An honest call, so that the gateway remembers this token. */
const remembered = async (token: string) => {
  const call = dial(world.gateway.port);
  call.send(bearing(token));
  expect(verdicts(await call.closed)).toBe('200');
};
const honest = jwt({ id: 'user-victim', role: null, exp: later });
world.directus.users.set(honest, { id: 'user-victim', permissions: mayRead });
const [header = '', payload = '', signature = ''] = honest.split('.');
const forged = Buffer.from(JSON.stringify({ iss: 'directus', id: 'user-admin', role: null, exp: later }));

const unknown = '401 INVALID_CREDENTIALS';
const attacks: readonly Attack[] = [
  {
    name: 'the beginning of a token that is remembered',
    before: () => remembered(reader),
    sends: bearing(reader.slice(0, -1)),
    gets: unknown,
    asks: [reader.slice(0, -1)],
    source: 'ours',
  },
  {
    name: 'a remembered token and one character more',
    before: () => remembered(reader),
    sends: bearing(`${reader}0`),
    gets: unknown,
    asks: [`${reader}0`],
    source: 'ours',
  },
  {
    name: 'a remembered token in other letters',
    before: () => remembered(reader),
    sends: bearing(reader.toUpperCase()),
    gets: unknown,
    asks: [reader.toUpperCase()],
    source: 'CWE-178',
  },
  {
    name: 'header and payload of a remembered JWT under another signature',
    before: () => remembered(honest),
    sends: bearing(`${header}.${payload}.${signature}x`),
    gets: unknown,
    asks: [`${header}.${payload}.${signature}x`],
    source: 'RFC 8725 section 2.1',
  },
  {
    name: 'another payload under the header and signature of a remembered JWT',
    before: () => remembered(honest),
    sends: bearing(`${header}.${forged.toString('base64url')}.${signature}`),
    gets: unknown,
    source: 'RFC 8725 section 3.3',
  },
  {
    name: 'a JWT that nobody has signed (alg none)',
    sends: bearing(signJwt({ iss: 'directus', id: 'user-admin', exp: later }, '', 'none')),
    gets: unknown,
    source: 'RFC 8725 section 2.1; CVE-2015-9235',
  },
  {
    name: 'alg none with the signature of another token',
    sends: bearing(`${signJwt({ iss: 'directus', id: 'user-admin', exp: later }, '', 'none')}${signature}`),
    gets: unknown,
    source: 'CVE-2022-23540',
  },
  {
    name: 'a JWT that another instance has signed',
    sends: bearing(signJwt({ iss: 'directus', id: 'user-admin', exp: later }, secret)),
    gets: unknown,
    source: 'RFC 8725 section 3.8',
  },
  {
    name: 'a JWT of another issuer, which Directus looks up as a static token',
    sends: bearing(signJwt({ iss: 'elsewhere', id: 'user-admin', exp: later }, secret)),
    gets: unknown,
    source: 'RFC 8725 section 3.8',
  },
  {
    name: 'a JWT of nobody (id null), though Directus has accepted it',
    sends: () => {
      const token = jwt({ id: null, role: 'role-1', exp: later });
      world.directus.users.set(token, { permissions: mayRead });
      return bearing(token);
    },
    gets: '403 INVALID_TOKEN',
    source: 'ours',
  },
  {
    name: 'a JWT without id, though Directus has accepted it',
    sends: () => {
      const token = jwt({ role: 'role-1', exp: later });
      world.directus.users.set(token, { permissions: mayRead });
      return bearing(token);
    },
    gets: '403 INVALID_TOKEN',
    source: 'ours',
  },
  {
    name: 'a static token whose user Directus does not name',
    sends: () => {
      world.directus.users.set('canaryTokenNameless', { permissions: mayRead });
      return bearing('canaryTokenNameless');
    },
    gets: '503 SERVICE_UNAVAILABLE',
    source: 'ours',
  },
  {
    name: 'a share that may not read',
    sends: () => {
      const token = jwt({ share: 'share-1', role: 'role-1', exp: later });
      world.directus.users.set(token, { permissions: {} });
      return bearing(token);
    },
    gets: '403 FORBIDDEN',
    source: 'ours',
  },
  {
    name: 'two Authorization lines, the second one good',
    sends: get('', `Authorization: Bearer ${stranger}1`, `Authorization: Bearer ${reader}`),
    gets: unknown,
    asks: [`${stranger}1`],
    source: 'RFC 9110 section 5.3',
  },
  {
    name: 'two Authorization lines, the first one of somebody without permission',
    sends: get('', `Authorization: Bearer ${nobody}`, `authorization: Bearer ${reader}`),
    gets: '403 FORBIDDEN',
    asks: [nobody],
    source: 'RFC 9110 section 5.3',
  },
  {
    name: 'two tokens in one Authorization line',
    sends: bearing(`${stranger}2, Bearer ${reader}`),
    gets: unknown,
    asks: [],
    source: 'RFC 9110 section 11.6.2',
  },
  {
    name: 'two tokens with a comma and no blank',
    sends: bearing(`${stranger}3,${reader}`),
    gets: unknown,
    asks: [`${stranger}3,${reader}`],
    source: 'RFC 9110 section 11.6.2',
  },
  {
    name: 'a good cookie behind a Bearer that is none',
    sends: get('', `Authorization: Bearer ${stranger}4`, cookie(reader)),
    gets: unknown,
    asks: [`${stranger}4`],
    source: 'ours',
  },
  {
    name: 'a good cookie behind a query that is none',
    sends: get(`?access_token=${stranger}5`, cookie(reader)),
    gets: unknown,
    asks: [`${stranger}5`],
    source: 'ours',
  },
  {
    name: 'two session cookies, the second one good',
    sends: get('', `${cookie(`${stranger}6`)}; directus_session_token=${reader}`),
    gets: unknown,
    asks: [`${stranger}6`],
    source: 'RFC 6265 section 5.4 (cookie tossing)',
  },
  {
    name: 'a session cookie with a prefix before its name',
    sends: get('', `Cookie: __Host-directus_session_token=${reader}`),
    gets: unknown,
    asks: [],
    source: 'RFC 6265bis section 4.1.3',
  },
  {
    name: 'a session cookie with an encoded line break',
    sends: get('', cookie(`${reader}%0d%0aX-Injected: 1`)),
    gets: unknown,
    asks: [],
    source: 'CWE-93',
  },
  {
    name: 'Bearer and query together',
    sends: get(`?access_token=${reader}`, `Authorization: Bearer ${reader}`),
    gets: '400 INVALID_PAYLOAD',
    asks: [],
    source: 'RFC 6750 section 2',
  },
  {
    name: 'access_token as an encoded list',
    sends: get(`?access_token%5B%5D=${reader}`),
    gets: unknown,
    asks: [],
    source: 'CWE-843',
  },
  {
    name: 'access_token twice, the first one good',
    sends: get(`?access_token=${reader}&access_token=${tokens.admin}`),
    gets: unknown,
    asks: [],
    source: 'CWE-235 (parameter pollution)',
  },
  {
    name: 'access_token twice, the first one empty',
    sends: get(`?access_token=&access_token=${reader}`),
    gets: unknown,
    asks: [],
    source: 'CWE-235 (parameter pollution)',
  },
  {
    name: 'access_token within __proto__',
    sends: get(`?__proto__[access_token]=${reader}`),
    gets: unknown,
    asks: [],
    source: 'CVE-2022-24999',
  },
  {
    name: 'access_token after a semicolon',
    sends: get(`?a=1;access_token=${reader}`),
    gets: unknown,
    asks: [],
    source: 'CVE-2021-23336',
  },
  {
    name: 'a token in the body of a form',
    sends: `${head(
      `POST ${customers} HTTP/1.1`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${`access_token=${tokens.admin}`.length}`,
      'Connection: close',
    )}access_token=${tokens.admin}`,
    gets: unknown,
    asks: [],
    source: 'RFC 6750 section 2.2',
  },
  {
    name: 'a token in headers that others take one from',
    sends: get(
      '',
      `Proxy-Authorization: Bearer ${reader}`,
      `X-Access-Token: ${reader}`,
      `X-Original-Authorization: ${reader}`,
    ),
    gets: unknown,
    asks: [],
    source: 'ours',
  },
  {
    name: 'a token as the user name beside a password that is none',
    sends: get('', basic(`${reader}:${stranger}7`)),
    gets: unknown,
    asks: [`${stranger}7`],
    source: 'RFC 7617 section 2',
  },
  {
    name: 'a token within a password that has colons',
    sends: get('', basic(`a:b:${reader}`)),
    gets: unknown,
    asks: [`b:${reader}`],
    source: 'RFC 7617 section 2',
  },
  ...['undefined', 'null', '[object Object]', '*', '..', '0'].map(
    (text): Attack => ({
      name: `the token “${text}”, which faulty code makes of no token`,
      sends: get(`?access_token=${encodeURIComponent(text)}`),
      gets: unknown,
      source: 'ours',
    }),
  ),
  {
    name: 'a token that is longer than any',
    sends: bearing('a'.repeat(12_000)),
    gets: unknown,
    source: 'RFC 9110 section 5.4',
  },
  {
    name: 'a token that is longer than all headers may be',
    sends: bearing('a'.repeat(20_000)),
    gets: '431 HEADERS_TOO_LARGE',
    asks: [],
    source: 'RFC 6585 section 5',
  },
  {
    name: 'a token that is longer than an address may be',
    sends: get(`?access_token=${'a'.repeat(9_000)}`),
    gets: '414 URI_TOO_LONG',
    asks: [],
    source: 'RFC 9110 section 15.5.15',
  },
  ...Object.entries({
    'a null byte': '\0',
    'a control character': '\x01',
    'a bare line feed': '\nX: 1',
    DEL: '\x7f',
  }).map(
    ([what, character]): Attack => ({
      name: `a good token with ${what} behind it`,
      sends: bearing(`${reader}${character}`),
      gets: ['400 INVALID_PAYLOAD', unknown],
      asks: [],
      source: 'RFC 9110 section 5.5',
    }),
  ),
  ...['%00', '%0a', '%09', '%20', '%c2%a0', '%e2%80%8b', '+'].map(
    (encoded): Attack => ({
      name: `a good token with ${encoded} behind it in the query`,
      sends: get(`?access_token=${reader}${encoded}`),
      gets: unknown,
      asks: [],
      source: 'CWE-158',
    }),
  ),
];

describe('a token that is not one', () => carryOut(world, attacks));

it('a static token in the form of a JWT never makes its owner the user that it names', async () => {
  const names = [{ alg: 'none' }, { alg: 'HS512' }, { alg: 'HS256', iss: 'elsewhere' }, { alg: 'HS256', exp: 'never' }];
  const written = names.map(({ alg, iss = 'directus', exp = later }) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg, typ: 'JWT' })}.${part({ iss, id: 'user-victim', exp })}.canaryTokenSignature`;
  });
  const keys = new Set<unknown>();
  for (const token of [...written, 'canaryTokenPlain']) {
    world.directus.users.set(token, {
      id: 'user-attacker',
      permissions: { customers: { create: mayRead.customers.read } },
    });
    const call = dial(world.gateway.port);
    call.send(
      head(
        `POST ${customers} HTTP/1.1`,
        `Authorization: Bearer ${token}`,
        'Idempotency-Key: 1',
        'Content-Length: 0',
        'Connection: close',
      ),
    );
    expect(verdicts(await call.closed)).toBe('200');
    keys.add(world.stripe.seen.at(-1)?.headers['idempotency-key']);
  }

  expect(keys.size).toBe(1); // made of the user: all of them are the attacker, as Directus says
});

afterAll(() => {
  world.directus.users.delete(honest);
});
