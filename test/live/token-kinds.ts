import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import type { LiveWorld } from '../world/live-world.ts';
import { type LoginMode, logIn, logOut } from '../world/log-in.ts';
import { newUser, roleOf, suspend } from '../world/new-user.ts';
import { signJwt } from '../world/sign-jwt.ts';

/** Status and code of an answer: of 200 there is no code. */
export type Verdict =
  | '200'
  | '400 INVALID_PAYLOAD'
  | '401 INVALID_CREDENTIALS'
  | '401 TOKEN_EXPIRED'
  | '403 INVALID_TOKEN'
  | '403 FORBIDDEN';

export type Row = {
  readonly what: string;
  /** What Directus says of it, and therefore the gateway. */
  readonly says: Verdict;
  /** What the gateway says instead, where it means to. */
  readonly butGateway?: Verdict;
};

export type Kind = Row & { readonly make: (world: LiveWorld) => string | Promise<string> };

/** Every kind of token that Directus tells apart, and how a caller comes by one. */
export const kinds: Kind[] = [
  { what: 'a static token', says: '200', make: async (world) => (await newReader(world)).token },
  { what: 'the access token of a login in json mode', says: '200', make: (world) => newAccessToken(world, 'json') },
  { what: 'the access token of a login in cookie mode', says: '200', make: (world) => newAccessToken(world, 'cookie') },
  { what: 'the session token of a login in session mode', says: '200', make: newSessionToken },
  { what: 'a JWT signed by the rules', says: '200', make: (world) => signedWith(world, {}) },
  { what: 'a JWT signed with HS512', says: '200', make: (world) => signedWith(world, {}, 'HS512') },
  { what: 'a JWT that never expires', says: '200', make: (world) => signedWith(world, { exp: undefined }) },
  { what: 'the JWT of a user who is no more', says: '200', make: (world) => signedWith(world, { id: randomUUID() }) },
  {
    what: 'the plain JWT of a user who was suspended since',
    says: '200',
    make: async (world) => {
      const user = await newLogin(world);
      const { accessToken = '' } = await logIn(world.directus.url, user, 'json');
      await suspend(world.directus, user);
      return accessToken;
    },
  },
  {
    what: 'the static token of a user with no policies',
    says: '403 FORBIDDEN',
    make: ({ personas }) => personas.nobody.token,
  },
  {
    what: 'the token of a share, which may read one item',
    says: '403 FORBIDDEN',
    make: async ({ directus }) => {
      const share = await createInDirectus(directus, '/shares', { collection: 'customers', item: '1', name: 'one' });
      return accessTokenOf(await callDirectus(directus, 'POST', '/shares/auth', { share }));
    },
  },
  { what: 'a word that Directus never gave out', says: '401 INVALID_CREDENTIALS', make: () => 'open-sesame' },
  { what: 'three dots and letters', says: '401 INVALID_CREDENTIALS', make: () => 'a.b.c' },
  {
    what: 'a JWT of another issuer, signed with the same secret',
    says: '401 INVALID_CREDENTIALS',
    make: (world) => signedWith(world, { iss: 'elsewhere' }),
  },
  {
    what: 'a static token that was taken away',
    says: '401 INVALID_CREDENTIALS',
    make: async (world) => {
      const { id, token } = await newReader(world);
      await callDirectus(world.directus, 'PATCH', `/users/${id}`, { token: null });
      return token;
    },
  },
  {
    what: 'the static token of a suspended user',
    says: '401 INVALID_CREDENTIALS',
    make: async (world) => {
      const user = await newReader(world);
      await suspend(world.directus, user);
      return user.token;
    },
  },
  {
    what: 'the session token of a suspended user',
    says: '401 INVALID_CREDENTIALS',
    make: async (world) => {
      const user = await newLogin(world);
      const login = await logIn(world.directus.url, user, 'session');
      await suspend(world.directus, user);
      return tokenIn(login);
    },
  },
  {
    what: 'the token of a session that was logged out',
    says: '401 INVALID_CREDENTIALS',
    make: async (world) => {
      const login = await logIn(world.directus.url, await newLogin(world), 'session');
      await logOut(world.directus.url, login, 'session');
      return tokenIn(login);
    },
  },
  {
    what: 'a JWT that names a session which never was',
    says: '401 INVALID_CREDENTIALS',
    make: (world) => signedWith(world, { session: 'never-was' }),
  },
  {
    what: 'an expired JWT',
    says: '401 TOKEN_EXPIRED',
    make: (world) => signedWith(world, { exp: seconds() - 1 }),
  },
  {
    what: 'a JWT signed with another secret',
    says: '403 INVALID_TOKEN',
    make: async (world) => signJwt(await claimsFor(world), 'another-secret-of-32-characters!'),
  },
  {
    what: 'an expired JWT signed with another secret',
    says: '403 INVALID_TOKEN',
    make: async (world) =>
      signJwt({ ...(await claimsFor(world)), exp: seconds() - 1 }, 'another-secret-of-32-characters!'),
  },
  {
    what: 'a JWT whose claims were changed after signing',
    says: '403 INVALID_TOKEN',
    make: async (world) => {
      const [header, , signature] = (await newAccessToken(world, 'json')).split('.');
      const [, claims] = signJwt({ ...(await claimsFor(world)), admin_access: true }, '').split('.');
      return `${header}.${claims}.${signature}`;
    },
  },
  { what: 'an unsigned JWT (alg none)', says: '403 INVALID_TOKEN', make: (world) => signedWith(world, {}, 'none') },
  {
    what: 'a JWT not valid yet',
    says: '403 INVALID_TOKEN',
    make: (world) => signedWith(world, { nbf: seconds() + 60 }),
  },
  ...['role', 'app_access', 'admin_access'].map(
    (claim): Kind => ({
      what: `a JWT without ${claim}`,
      says: '403 INVALID_TOKEN',
      make: (world) => signedWith(world, { [claim]: undefined }),
    }),
  ),
  {
    // Directus itself is of two minds: /users/me refuses it, /permissions/me lists what its role may do.
    what: 'a JWT that names neither user nor share',
    says: '401 INVALID_CREDENTIALS',
    butGateway: '403 INVALID_TOKEN',
    make: (world) => signedWith(world, { id: undefined }),
  },
  {
    what: 'a static token that its user chose to look like the JWT of an admin',
    says: '403 INVALID_TOKEN',
    make: async (world) => chosenToken(world, { iss: 'directus', id: await adminId(world), exp: seconds() + 900 }),
  },
  {
    what: 'a static token that its user chose to look like the JWT of an admin elsewhere',
    says: '200',
    make: async (world) => chosenToken(world, { iss: 'elsewhere', id: await adminId(world), exp: seconds() + 900 }),
  },
];

const password = 'a password of no account but in a test';

/** A user who may read, with a static token. */
const newReader = async ({ directus, personas }: LiveWorld) =>
  newUser(directus, { role: await roleOf(directus, personas.reader) });

/** The same, who can log in. */
const newLogin = async ({ directus, personas }: LiveWorld) => ({
  ...(await newUser(directus, { role: await roleOf(directus, personas.reader), password })),
  password,
});

async function newAccessToken(world: LiveWorld, mode: LoginMode): Promise<string> {
  const { accessToken } = await logIn(world.directus.url, await newLogin(world), mode);
  return z.string().parse(accessToken);
}

async function newSessionToken(world: LiveWorld): Promise<string> {
  return tokenIn(await logIn(world.directus.url, await newLogin(world), 'session'));
}

const tokenIn = ({ cookie }: { readonly cookie: string }): string => cookie.slice(cookie.indexOf('=') + 1);

/** The claims of a new reader's plain JWT, good for 15 minutes. */
async function claimsFor(world: LiveWorld) {
  const { id } = await newReader(world);
  const role = await roleOf(world.directus, { id });
  const iat = seconds();
  return { id, role, app_access: false, admin_access: false, iat, exp: iat + 900, iss: 'directus' };
}

async function signedWith(world: LiveWorld, changes: object, alg?: 'HS512' | 'none'): Promise<string> {
  return signJwt({ ...(await claimsFor(world)), ...changes }, world.directus.secret, alg);
}

/** A reader's static token of these claims, in the form of a JWT. */
async function chosenToken(world: LiveWorld, claims: object): Promise<string> {
  const { id } = await newReader(world);
  const token = signJwt(claims, 'whatever');
  await callDirectus(world.directus, 'PATCH', `/users/${id}`, { token });
  return token;
}

async function adminId({ directus }: LiveWorld): Promise<string> {
  return z.object({ id: z.string() }).parse(await callDirectus(directus, 'GET', '/users/me?fields=id')).id;
}

const accessTokenOf = (data: unknown): string => z.object({ access_token: z.string() }).parse(data).access_token;

const seconds = (): number => Math.floor(Date.now() / 1_000);
