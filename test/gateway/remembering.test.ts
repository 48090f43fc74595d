import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { jwt } from '../world/jwt.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const clock = { now: 1_800_000_000_000 };
const world = await useWorld(
  { IP_TRUST_PROXY: 'true', PERMISSIONS_TTL: '10s' },
  { now: () => clock.now, config: 'upstreams: { stripe: { limits: { openPerCaller: 1000 } } }' },
);
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const mayRead = { customers: { read: { access: 'full', fields: ['*'] } } };
const seconds = (): number => Math.floor(clock.now / 1_000);
const call = (token: string, address = '203.0.113.7') =>
  caller.get(customers).set({ ...as(token), 'X-Forwarded-For': address });
const questions = () => world.directus.asked.map(({ path }) => path);

/** A session token that the stub knows, good for a minute unless said otherwise. */
function knownJwt(exp = seconds() + 60): string {
  const token = jwt({ id: 'user-jwt', role: null, exp });
  world.directus.users.set(token, { id: 'user-jwt', permissions: mayRead });
  return token;
}

let made = 0;
function knownStaticToken(): string {
  made += 1;
  const token = `canaryTokenStatic${made}`;
  world.directus.users.set(token, { id: 'user-static', permissions: mayRead });
  return token;
}

describe('Directus is asked once', () => {
  it('by a herd of 300 callers with one new token, while its answer is on the way', async () => {
    const token = knownJwt();
    const held = Promise.withResolvers<void>();
    world.directus.answerWith((request, response) => {
      void held.promise.then(() => world.directus.answerAsDirectus(request, response));
    });
    const herd = Array.from({ length: 300 }, () => call(token).then(({ status }) => status));
    await world.gateway.taken(300);
    held.resolve();

    expect(new Set(await Promise.all(herd))).toEqual(new Set([200]));
    expect(questions()).toEqual(['/permissions/me']);
    expect(world.stripe.seen).toHaveLength(300);
  });

  it('by a static token for permissions and person side by side', async () => {
    const token = knownStaticToken();
    world.directus.answerWith((request, response) => {
      // neither question is answered before both are there
      void world.directus.arrived(2).then(() => world.directus.answerAsDirectus(request, response));
    });

    expect((await call(token)).status).toBe(200);
    expect(questions().sort()).toEqual(['/permissions/me', '/users/me']);
  });

  it('for as long as PERMISSIONS_TTL says, and then again', async () => {
    const token = knownJwt();
    await call(token);
    clock.now += 9_999;
    await call(token);
    expect(questions()).toHaveLength(1);

    clock.now += 1;
    world.directus.users.set(token, { id: 'user-jwt', permissions: {} });
    expect((await call(token)).status).toBe(403);
    expect(questions()).toHaveLength(2);
    expect(world.stripe.seen).toHaveLength(2);
  });

  it('about a token that it refuses, for two seconds', async () => {
    const statuses = [await call('canaryTokenGuess'), await call('canaryTokenGuess')].map(({ status }) => status);
    expect(statuses).toEqual([401, 401]);
    expect(world.directus.asked.filter(({ path }) => path === '/permissions/me')).toHaveLength(1);

    clock.now += 2_000;
    world.directus.users.set('canaryTokenGuess', { id: 'user-late', permissions: mayRead });
    expect((await call('canaryTokenGuess')).status).toBe(200);
  });
});

describe('Directus is asked again', () => {
  it('when the same token comes from another address, which it is told', async () => {
    const token = knownJwt();
    await call(token, '203.0.113.1');
    await call(token, '203.0.113.2, 10.0.0.1');
    await call(token, '203.0.113.1');

    expect(world.directus.asked.map(({ address }) => address)).toEqual(['203.0.113.1', '203.0.113.2']);
  });

  it('when a JWT has expired while it was remembered', async () => {
    clock.now = seconds() * 1_000;
    const token = knownJwt(seconds() + 3);
    expect((await call(token)).status).toBe(200);
    clock.now += 2_999;
    world.directus.users.delete(token);
    expect((await call(token)).status).toBe(200);
    clock.now += 1;

    expect((await call(token)).status).toBe(401);
    expect(questions()).toHaveLength(2);
    expect(world.stripe.seen).toHaveLength(2);
  });

  it('when a JWT was accepted although its time is over by the gateway’s clock', async () => {
    const token = knownJwt(seconds() - 1);
    await call(token);
    await call(token);

    expect(questions()).toHaveLength(2);
  });
});

it('two tokens of one person are asked about apart', async () => {
  await call(knownStaticToken());
  await call(knownStaticToken());

  expect(questions()).toHaveLength(4);
});

it('a caller whose forwarded address is no address is refused, and nobody hears of the request', async () => {
  for (const address of ['unknown', '203.0.113.999', '_hidden', '203.0.113.7:80']) {
    const answer = await call(tokens.reader, address);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  }
  expect(world.directus.asked).toEqual([]);
  expect(world.stripe.wire.received()).toBe('');
});

it('a gateway without a proxy in front does not believe what callers say of their address', async () => {
  const gateway = await startGateway({ ...world.environment, IP_TRUST_PROXY: 'false' });
  await supertest(gateway.url)
    .get(customers)
    .set({ ...as(tokens.reader), 'X-Forwarded-For': '203.0.113.1' });
  await gateway.stop();

  expect(new Set(world.directus.asked.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
});
