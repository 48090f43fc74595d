import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import type { Token } from '../../../src/token/extract-token.ts';
import { refusalIn } from '../refusal.ts';
import { bearer, directusAt, here, jwt, permissions } from './directus-at.ts';

describe('a caller is who Directus says', () => {
  const exp = 2_000;
  const callers: [string, string, object, number][] = [
    [
      'a static token’s user, asked for beside the permissions',
      'static',
      { user: 'user-static', role: 'role-1', share: null },
      2,
    ],
    ['a JWT’s user, in one question', jwt({ id: 'u', role: 'r', exp }), { user: 'u', role: 'r', share: null }, 1],
    ['a user without a role', jwt({ id: 'u', role: null, exp }), { user: 'u', role: null, share: null }, 1],
    ['a share', jwt({ share: 's', role: null, exp }), { user: null, role: null, share: 's' }, 1],
    [
      'for a foreign JWT, whom Directus knows by it as a static token',
      jwt({ iss: 'x', id: 'victim', exp }),
      { user: 'user-static' },
      2,
    ],
  ];

  it.each(callers)('%s', async (_who, token, expected, questions) => {
    const { asked, authenticate } = directusAt(0);
    const { accountability, asker, askedAt } = await authenticate(bearer(token), here);
    expect(accountability).toMatchObject({ ...expected, permissions });
    expect([asker, askedAt]).toEqual([{ token, address: here }, 0]);
    expect(asked).toHaveLength(questions);
    expect(asked[0]).toBe(`permissions ${token} ${here}`);
  });

  it('and somebody whom Directus accepts but does not name is refused', async () => {
    const { authenticate } = directusAt(0);
    expect(await refusalIn(authenticate(bearer(jwt({ role: 'r', exp })), here))).toMatchObject({
      code: 'INVALID_TOKEN',
      logReason: 'nobody',
    });
  });
});

describe('Directus is not asked about a caller', () => {
  const tokens: [string, Token | undefined, string][] = [
    ['without a token', undefined, 'no_token'],
    ['whose token holds a line break', bearer('a\r\nX-Injected: 1'), 'unfit_token'],
    ['whose token holds a blank', bearer('a b'), 'unfit_token'],
    ['whose token is not ASCII', bearer('ä'), 'unfit_token'],
    ['whose token is empty', bearer(''), 'unfit_token'],
    ['whose token holds a zero', bearer('a\0'), 'unfit_token'],
  ];

  it.each(tokens)('%s', async (_what, token, logReason) => {
    const { asked, authenticate } = directusAt(0);
    const refusal = await refusalIn(authenticate(token, here));
    expect(refusal).toMatchObject({ code: 'INVALID_CREDENTIALS', status: 401, logReason });
    expect(refusal.headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
    expect(asked).toEqual([]);
  });
});

it('of what Directus says only the collections that rules name are kept', async () => {
  const read = { read: { access: 'full', fields: ['*'] } } as const;
  const { authenticate } = directusAt(0, 10_000, {
    readPermissions: () => Promise.resolve(new Map(Object.entries({ customers: read, diaries: read }))),
  });
  const { accountability } = await authenticate(bearer('static'), here);
  expect(accountability.permissions).toEqual(new Map([['customers', read]]));
});

describe('Directus’ answer about a caller is remembered', () => {
  it('for as long as the administrator has set', async () => {
    const { clock, asked, authenticate } = directusAt(0, 10_000);
    await authenticate(bearer(jwt({ id: 'u', exp: 2_000 })), here);
    clock.ms = 9_999;
    await authenticate(bearer(jwt({ id: 'u', exp: 2_000 })), here);
    expect(asked).toHaveLength(1);
    clock.ms = 10_000;
    await authenticate(bearer(jwt({ id: 'u', exp: 2_000 })), here);
    expect(asked).toHaveLength(2);
  });

  it('but never past the token’s end', async () => {
    const token = bearer(jwt({ id: 'u', exp: 1_003 }));
    const { clock, asked, authenticate } = directusAt(1_000_000, 10_000);
    await authenticate(token, here);
    clock.ms = 1_002_999;
    await authenticate(token, here);
    expect(asked).toHaveLength(1);
    clock.ms = 1_003_000;
    await authenticate(token, here);
    expect(asked).toHaveLength(2);
  });

  it('not at all when the administrator wants none of it', async () => {
    const { asked, authenticate } = directusAt(0, 0);
    await authenticate(bearer('static'), here);
    await authenticate(bearer('static'), here);
    expect(asked).toHaveLength(4);
  });

  const others: [string, string, string][] = [
    ['from another address', 'static', '203.0.113.8'],
    ['with another token', 'static2', here],
    ['with a token and address that join to the same text', 'static2', '03.0.113.7'],
    ['with another signature', jwt({ id: 'u', exp: 2_000 }, 'b3RoZXI'), here],
  ];
  it.each(others)('for nobody else: not %s', async (_who, token, address) => {
    const { asked, authenticate } = directusAt(0);
    await authenticate(bearer('static'), here);
    await authenticate(bearer(jwt({ id: 'u', exp: 2_000 })), here);
    asked.length = 0;
    await authenticate(bearer(token), address);
    expect(asked[0]).toBe(`permissions ${token} ${address}`);
  });

  it.each<Token['source']>(['query', 'cookie', 'basic'])('wherever the token came from: the %s', async (source) => {
    const { asked, authenticate } = directusAt(0);
    await authenticate(bearer('static'), here);
    await authenticate({ source, value: 'static' }, here);
    expect(asked).toHaveLength(2);
  });

  it('and a herd of 300 with one new token makes exactly one call', async () => {
    const token = bearer(jwt({ id: 'u', exp: 2_000 }));
    const { asked, authenticate } = directusAt(0);
    await Promise.all(Array.from({ length: 300 }, () => authenticate(token, here)));
    expect(asked).toHaveLength(1);
  });
});

describe('Directus’ refusal of a caller', () => {
  const refusing = { readPermissions: () => Promise.reject(new GatewayError('TOKEN_EXPIRED')) };
  it.each([600_000, 500])('is remembered for two seconds, where answers are for %i ms', async (ttlMs) => {
    const rememberedMs = 2_000;
    const { clock, asked, authenticate } = directusAt(0, ttlMs, refusing);
    for (const ms of [0, rememberedMs - 1, rememberedMs]) {
      clock.ms = ms;
      expect((await refusalIn(authenticate(bearer(jwt({ id: 'u', exp: 2_000 })), here))).code).toBe('TOKEN_EXPIRED');
    }
    expect(asked).toHaveLength(2);
  });

  it('counts, whichever of the two questions about a static token it answers', async () => {
    const { authenticate } = directusAt(0, 10_000, {
      readMe: () => Promise.reject(new GatewayError('INVALID_CREDENTIALS')),
    });
    expect((await refusalIn(authenticate(bearer('static'), here))).code).toBe('INVALID_CREDENTIALS');
  });
});

it('a caller whom Directus failed to answer is asked about again at once', async () => {
  let down = true;
  const { asked, authenticate } = directusAt(0, 10_000, {
    readPermissions: () =>
      down ? Promise.reject(new GatewayError('SERVICE_UNAVAILABLE')) : Promise.resolve(permissions),
  });
  expect((await refusalIn(authenticate(bearer('static'), here))).status).toBe(503);
  down = false;
  expect(await authenticate(bearer('static'), here)).toMatchObject({ accountability: { user: 'user-static' } });
  expect(asked).toHaveLength(4);
});
