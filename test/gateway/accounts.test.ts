import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { refuse } from '../world/answers.ts';
import { type Claims, jwt } from '../world/jwt.ts';
import { as, useWorld } from '../world/use-world.ts';

const world = await useWorld({ DIRECTUS_TOKEN: 'canaryTokenService' });
const { directus } = world;
const caller = supertest(world.gateway.url);
const mayRead = { customers: { read: { access: 'full', fields: ['*'] } } };
const active = { status: 'active', role: { id: 'role-1' } };

/** A JWT that Directus takes for good until its `exp`, whatever has become of the user. */
function known(claims: Partial<Claims> = {}): string {
  const token = jwt({ id: 'user-jwt', role: 'role-1', exp: Math.floor(Date.now() / 1_000) + 900, ...claims });
  directus.users.set(token, { id: 'user-jwt', permissions: mayRead });
  return token;
}
const call = (token: string) => caller.get('/stripe/v1/customers').set(as(token));
beforeEach(() => directus.service.accounts.clear());

describe('with DIRECTUS_TOKEN, a caller with a plain JWT is let through', () => {
  it.each([
    ['who is active and has the role of the token', active, {}],
    ['who is active and has no role, as the token says', { status: 'active', role: null }, { role: null }],
  ])('%s', async (_who, account, claims) => {
    directus.service.accounts.set('user-jwt', account);

    expect((await call(known(claims))).status).toBe(200);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('who is a share, of which there is no account', async () => {
    expect((await call(known({ id: null, role: null, share: 'share-1' }))).status).toBe(200);
    expect(directus.asked.map(({ path }) => path)).toEqual(['/permissions/me']);
  });
});

describe('with DIRECTUS_TOKEN, a caller with a plain JWT is refused though Directus accepts it, and the upstream sees nothing', () => {
  it.each([
    ['suspended', { ...active, status: 'suspended' }, {}],
    ['archived', { ...active, status: 'archived' }, {}],
    ['invited, not active yet', { ...active, status: 'invited' }, {}],
    ['deleted', undefined, {}],
    ['in another role by now', { status: 'active', role: { id: 'role-2' } }, {}],
    ['without a role by now', { status: 'active', role: null }, {}],
    ['in a role by now', active, { role: null }],
  ])('%s', async (_what, account, claims) => {
    if (account !== undefined) directus.service.accounts.set('user-jwt', account);
    const answer = await call(known(claims));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([401, 'INVALID_CREDENTIALS']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(world.stripe.wire.received()).toBe('');
    const line = await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ reason: 'account_changed' });
  });

  it.each([
    [401, 'INVALID_CREDENTIALS'],
    [401, 'TOKEN_EXPIRED'],
    [500, 'INTERNAL_SERVER_ERROR'],
  ])('with 503, not 401, when it is the service token that Directus answers %i %s', async (status, code) => {
    directus.answerWith((request, response) =>
      request.headers.authorization?.includes(directus.service.token)
        ? refuse(response, status, code, 'No.')
        : directus.answerAsDirectus(request, response),
    );
    const answer = await call(known());

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(world.stripe.wire.received()).toBe('');
  });
});

it('the service token asks for accounts only, and the caller’s own for the rest', async () => {
  directus.service.accounts.set('user-jwt', active);
  const token = known();
  await call(token);

  expect(directus.asked.map(({ path, token }) => [path, token]).sort()).toEqual([
    ['/permissions/me', token],
    ['/users', directus.service.token],
  ]);
});
