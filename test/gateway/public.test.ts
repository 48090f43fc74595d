import { afterEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const { directus } = world;

/** A gateway to one shop, of which one part is open to callers without a token. */
async function startShop(serviceToken: string | undefined) {
  const { DIRECTUS_TOKEN: _given, ...environment } = world.environment;
  const given = serviceToken === undefined ? environment : { ...environment, DIRECTUS_TOKEN: serviceToken };
  const config = `
    upstreams:
      shop:
        origin: ${world.stripe.origin}
        plaintext: loopback
        credential: { bearer: "\${STRIPE_LIVE_SECRET_KEY}" }
        rules:
          - { path: /open, collection: products, public: true }
          - { path: /closed, collection: products }
  `;
  return stopLater(await startGateway({ ...given, PERMISSIONS_TTL: '0' }, { config }));
}
const running = await startShop(directus.service.token);
const caller = supertest(running.url);
afterEach(() => directus.service.publicPolicies.clear());

const policy = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const may = (action: string, more: object = {}) => ({ collection: 'products', action, fields: ['*'], ...more });
const grant = (id: string, permissions: readonly object[], ip_access: readonly string[] = []) =>
  directus.service.publicPolicies.set(id, { ip_access, permissions });

describe('a caller without a token, where a rule is public,', () => {
  it('has what Directus grants to the public', async () => {
    grant(policy, [may('read')]);
    const answer = await caller.get('/shop/open');

    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    expect(world.stripe.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${secrets.stripeKey}`]);
  });

  it('to the field', async () => {
    grant(policy, [may('read', { fields: ['name'] }), may('create', { fields: ['name'] })]);
    world.stripe.answerWith((_request, response) =>
      response.setHeader('Content-Type', 'application/json').end('{"name":"a","price":1}'),
    );

    expect((await caller.get('/shop/open')).body).toEqual({ name: 'a' });
    expect((await caller.post('/shop/open').send({ price: 0 })).status).toBe(403);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it.each<[string, () => unknown]>([
    ['Directus grants the public nothing', () => undefined],
    ['the public may do something else', () => grant(policy, [may('create')])],
    ['the public may read something else', () => grant(policy, [{ ...may('read'), collection: 'orders' }])],
    [
      'the grant has an item rule, and nothing names an item',
      () => grant(policy, [may('read', { permissions: { id: { _eq: 1 } } })]),
    ],
    ['the grant is bound to addresses', () => grant(policy, [may('read')], ['10.0.0.0/8'])],
    [
      'of two grants the one that would do is bound to addresses',
      () => {
        grant(other, [may('create')]);
        grant(policy, [may('read')], ['10.0.0.0/8']);
      },
    ],
  ])('is refused with 403 when %s, and the upstream sees nothing', async (_why, set) => {
    set();
    const answer = await caller.get('/shop/open');

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('is told 503 when Directus refuses the service token', async () => {
    const revoked = await startShop('canaryTokenRevoked');
    const answer = await supertest(revoked.url).get('/shop/open');

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(revoked.wire.sent() + revoked.logs()).not.toContain('canaryTokenRevoked');
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('public is nobody', () => {
  it('else: a caller with a token has their own permissions', async () => {
    grant(policy, [may('read')]);

    expect((await caller.get('/shop/open').set(as(tokens.nobody))).status).toBe(403);
    expect((await caller.get('/shop/open').set(as('canaryTokenUnknown'))).status).toBe(401);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('where a rule does not say so: 401, and Directus is not asked', async () => {
    grant(policy, [may('read')]);
    const answers = [await caller.get('/shop/closed'), await caller.get('/shop/nowhere')];

    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(directus.asked).toEqual([]);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('where there is no service token: 401', async () => {
    grant(policy, [may('read')]);
    const alone = await startShop(undefined);

    expect((await supertest(alone.url).get('/shop/open')).status).toBe(401);
    expect(world.stripe.wire.received()).toBe('');
  });
});
