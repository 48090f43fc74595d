import { describe, expect, it } from '@jest/globals';
import type { Account } from '../../../src/directus/answers.ts';
import type { Directus } from '../../../src/directus/directus.ts';
import type { ErrorCode } from '../../../src/errors/codes.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { refusalIn } from '../refusal.ts';
import { bearer, directusAt, here, jwt, permissions } from './directus-at.ts';

const exp = 2_000;
const staff: Account = { status: 'active', role: { id: 'staff' } };
const withAccount = (account: Account | Error | undefined): Partial<Directus> => ({
  readAccount: () => (account instanceof Error ? Promise.reject(account) : Promise.resolve(account)),
});
const asStaff = bearer(jwt({ id: 'u', role: 'staff', exp }));

describe('with a service token, a JWT that Directus itself still takes lets in', () => {
  const accounts: [string, object, Account][] = [
    ['an active user with the role that it says', { id: 'u', role: 'staff' }, staff],
    ['an active user without a role', { id: 'u', role: null }, { status: 'active', role: null }],
    ['one without a role where it says nothing of it', { id: 'u' }, { status: 'active', role: null }],
  ];
  it.each(accounts)('%s', async (_who, claims, account) => {
    const { authenticate } = directusAt(0, 10_000, withAccount(account));
    expect((await authenticate(bearer(jwt({ ...claims, exp })), here)).accountability.user).toBe('u');
  });

  it('a share, which has no account', async () => {
    const { authenticate } = directusAt(0, 10_000, withAccount(new Error('must not be asked')));
    expect((await authenticate(bearer(jwt({ share: 's', exp })), here)).accountability.share).toBe('s');
  });

  it('and the account that is asked for is the one that the JWT names', async () => {
    const users: string[] = [];
    const { authenticate } = directusAt(0, 10_000, {
      readAccount: (user) => {
        users.push(user);
        return Promise.resolve(staff);
      },
    });
    await authenticate(asStaff, here);
    await authenticate(bearer('static'), here);
    expect(users).toEqual(['u']);
  });
});

it('whoever forges a JWT hears what Directus says of it, never whether its user is there', async () => {
  const slowly = () =>
    new Promise<never>((_resolve, reject) => setImmediate(reject, new GatewayError('INVALID_TOKEN')));
  const { authenticate } = directusAt(0, 10_000, { ...withAccount(undefined), readPermissions: slowly });

  expect(await refusalIn(authenticate(asStaff, here))).toMatchObject({ code: 'INVALID_TOKEN', status: 403 });
});

describe('with a service token, a JWT is refused before its end when its user', () => {
  const accounts: [string, Account | Error | undefined][] = [
    ['is suspended', { ...staff, status: 'suspended' }],
    ['is archived', { ...staff, status: 'archived' }],
    ['has a status that nobody knows', { ...staff, status: 'Active' }],
    ['has another role', { ...staff, role: { id: 'guests' } }],
    ['has lost their role', { ...staff, role: null }],
    ['is gone', undefined],
  ];
  it.each(accounts)('%s', async (_what, account) => {
    const { authenticate } = directusAt(0, 10_000, withAccount(account));
    expect(await refusalIn(authenticate(asStaff, here))).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      status: 401,
      logReason: 'account_changed',
    });
  });

  it('has been given a role since', async () => {
    const { authenticate } = directusAt(0, 10_000, withAccount(staff));
    const refusal = await refusalIn(authenticate(bearer(jwt({ id: 'u', role: null, exp })), here));
    expect(refusal.logReason).toBe('account_changed');
  });
});

describe('a service token that Directus refuses is the administrator’s fault, not the caller’s, and is not remembered', () => {
  const codes: ErrorCode[] = ['INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'INVALID_TOKEN', 'SERVICE_UNAVAILABLE'];

  it.each(codes)('%s of the account is 503', async (code) => {
    const { asked, authenticate } = directusAt(0, 10_000, withAccount(new GatewayError(code)));
    expect((await refusalIn(authenticate(asStaff, here))).code).toBe('SERVICE_UNAVAILABLE');
    expect((await refusalIn(authenticate(asStaff, here))).status).toBe(503);
    expect(asked).toHaveLength(2);
  });

  it.each<ErrorCode>([...codes, 'FORBIDDEN'])('%s of the public’s permissions is 503', async (code) => {
    let questions = 0;
    const { enter } = directusAt(0, 10_000, {
      readPublicPermissions: () => {
        questions += 1;
        return Promise.reject(new GatewayError(code));
      },
    });
    expect((await refusalIn(enter(undefined, here, true))).code).toBe('SERVICE_UNAVAILABLE');
    expect((await refusalIn(enter(undefined, here, true))).code).toBe('SERVICE_UNAVAILABLE');
    expect(questions).toBe(2);
  });
});

describe('a caller without a token', () => {
  const known = { readPublicPermissions: () => Promise.resolve(permissions) };

  it('is nobody with what Directus grants to the public, where a rule lets the public in', async () => {
    const { asked, enter } = directusAt(0, 10_000, known);
    const { accountability, asker } = await enter(undefined, here, true);
    expect(accountability).toEqual({ user: null, role: null, share: null, ip: here, permissions });
    expect([asker, asked]).toEqual([{ token: '', address: here }, []]);
  });

  const refused: [string, Partial<Directus>, boolean][] = [
    ['elsewhere', known, false],
    ['where there is no service token to ask with', {}, true],
  ];
  it.each(refused)('is refused %s', async (_where, answers, mayBePublic) => {
    const { enter } = directusAt(0, 10_000, answers);
    const refusal = await refusalIn(enter(undefined, here, mayBePublic));
    expect([refusal.code, refusal.logReason]).toEqual(['INVALID_CREDENTIALS', 'no_token']);
  });

  it('is refused elsewhere though the public was let in a moment ago', async () => {
    const { enter } = directusAt(0, 10_000, known);
    await enter(undefined, here, true);
    expect((await refusalIn(enter(undefined, here, false))).logReason).toBe('no_token');
    expect((await refusalIn(enter(bearer(''), here, false))).code).toBe('INVALID_CREDENTIALS');
  });

  it('is not taken for the public with a token, whatever Directus thinks of it', async () => {
    const { enter } = directusAt(0, 10_000, {
      ...known,
      readPermissions: () => Promise.reject(new GatewayError('INVALID_TOKEN')),
    });
    expect((await refusalIn(enter(bearer('bad'), here, true))).code).toBe('INVALID_TOKEN');
  });
});

describe('when Directus has changed, what was said of callers is forgotten', () => {
  it('and each is asked about anew', async () => {
    const { asked, forget, authenticate } = directusAt(0);
    await authenticate(bearer('static'), here);
    forget('everybody');
    await authenticate(bearer('static'), here);
    expect(asked).toHaveLength(4);
  });

  it('and a refusal too', async () => {
    let refuses = true;
    const { forget, authenticate } = directusAt(0, 10_000, {
      readPermissions: () =>
        refuses ? Promise.reject(new GatewayError('INVALID_CREDENTIALS')) : Promise.resolve(permissions),
    });
    await refusalIn(authenticate(bearer('static'), here));
    refuses = false;
    forget('everybody');
    expect((await authenticate(bearer('static'), here)).accountability.user).toBe('user-static');
  });
});

describe('when Directus has changed for some users only', () => {
  const users = {
    readMe: ({ token }: { token: string }) => Promise.resolve({ id: `user-${token}`, role: null }),
  };

  it('these are asked about anew, and the others are remembered', async () => {
    const { asked, forget, authenticate } = directusAt(0, 10_000, users);
    for (const token of ['a', 'b']) await authenticate(bearer(token), here);
    asked.length = 0;
    forget(['user-b', 'user-c']);
    for (const token of ['a', 'b']) await authenticate(bearer(token), here);
    expect(asked).toEqual([`permissions b ${here}`, `me b ${here}`]);
  });

  it('so are those whose presets may hold something of another user', async () => {
    const preset = {
      create: { access: 'full', fields: ['*'], presets: { customer: 'cus_of_their_manager' } },
    } as const;
    const { asked, forget, authenticate } = directusAt(0, 10_000, {
      ...users,
      readPermissions: () => Promise.resolve(new Map([['customers', preset]])),
    });
    await authenticate(bearer('a'), here);
    asked.length = 0;
    forget(['user-b']);
    await authenticate(bearer('a'), here);
    expect(asked).toHaveLength(2);
  });

  it('so are shares, whose rights end where those of their creator do', async () => {
    const { asked, forget, authenticate } = directusAt(0, 10_000, users);
    const share = bearer(jwt({ share: 'share-1', role: null, exp: 1_000 }));
    await authenticate(share, here);
    asked.length = 0;
    forget(['user-c']);
    await authenticate(share, here);
    expect(asked).toHaveLength(1);
  });
});
