import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';

const clock = { now: 1_800_000_000_000 };
const serviceToken = 'canaryTokenService';
const world = await useWorld({ DIRECTUS_TOKEN: serviceToken }, { now: () => clock.now });
const { directus } = world;
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const mayRead = { customers: { read: { access: 'full', fields: ['*'] } } };
const call = (token: string) => caller.get(customers).set(as(token));

let count = 0;
/** Somebody whom Directus knows, with a static token. */
function somebody(): string {
  count += 1;
  const token = `canaryTokenSomebody${count}`;
  directus.users.set(token, { id: `user-${count}`, permissions: mayRead });
  return token;
}
const asked = (token: string) =>
  directus.asked.filter((question) => question.token === token && question.path === '/permissions/me').length;

async function feedIs(state: 'ok' | 'error'): Promise<void> {
  for (;;) {
    clock.now += 1_000;
    const { body } = await caller.get('/server/health');
    if (body.checks.feed === state) return;
  }
}

/** After a change everything is forgotten once more, half a second later: this waits until that is past. */
async function calm(): Promise<void> {
  const token = somebody();
  const since = performance.now();
  while (asked(token) < 2 && performance.now() - since < 1_000) await call(token);
  directus.asked.length = 0;
}

beforeEach(async () => {
  await directus.feed.listening(6);
  await feedIs('ok');
  await calm();
});
afterEach(() => {
  const sent = world.stripe.wire.received() + world.gateway.wire.sent() + world.gateway.logs();
  expect(sent).not.toContain(serviceToken);
});

describe('a gateway with DIRECTUS_TOKEN', () => {
  it('listens to all that decides what a caller may do', () => {
    expect([...directus.feed.subscribed.keys()].sort()).toEqual(
      ['access', 'activity', 'permissions', 'policies', 'roles', 'users'].map((name) => `directus_${name}`),
    );
    expect(directus.feed.subscribed.get('directus_activity')).toMatchObject({ filter: { action: { _eq: 'logout' } } });
    expect(new Set(directus.feed.tokens)).toEqual(new Set([serviceToken]));
  });

  it('remembers a caller for five minutes, and no longer', async () => {
    const token = somebody();
    await call(token);
    clock.now += 299_000;
    await call(token);
    expect(asked(token)).toBe(1);

    clock.now += 1_000;
    await call(token);
    expect(asked(token)).toBe(2);
  });

  it.each([
    ['directus_permissions'],
    ['directus_policies'],
    ['directus_access'],
    ['directus_users'],
    ['directus_roles'],
    ['directus_activity'],
  ])('is told of a change of %s: the caller’s next request is judged anew', async (collection) => {
    const token = somebody();
    expect([(await call(token)).status, (await call(token)).status, asked(token)]).toEqual([200, 200, 1]);

    directus.users.set(token, { id: 'user-changed', permissions: {} });
    await directus.feed.tell(collection);
    expect([(await call(token)).status, asked(token)]).toEqual([403, 2]);
    expect(world.stripe.seen.filter(({ target }) => target === '/v1/customers').length).toBeGreaterThan(1);
  });

  it.each([
    ['a change of their account', 'directus_users', (id: string) => ({ id })],
    ['their logout', 'directus_activity', (user: string) => ({ user })],
  ])('is told of %s: that user is judged anew, and nobody else', async (_what, collection, naming) => {
    const [changed, other] = [somebody(), somebody()];
    for (const token of [changed, other, changed, other]) await call(token);
    directus.users.set(changed, { id: `user-${count - 1}`, permissions: {} });
    await directus.feed.tell(collection, [naming(`user-${count - 1}`)]);

    expect([(await call(changed)).status, (await call(other)).status]).toEqual([403, 200]);
    expect([asked(changed), asked(other)]).toEqual([2, 1]);
  });

  it('forgets once more half a second after a change, when Directus has cleared its own cache', async () => {
    const token = somebody();
    await directus.feed.tell('directus_users');
    await call(token); // from Directus' cache, as it were
    while (asked(token) < 2) await call(token);

    expect(asked(token)).toBe(2);
  }, 5_000);

  it('forgets refusals too', async () => {
    const token = `${somebody()}Late`;
    expect((await call(token)).status).toBe(401);
    directus.users.set(token, { id: 'user-late', permissions: mayRead });
    await directus.feed.tell('directus_users');

    expect((await call(token)).status).toBe(200);
  });

  it('does not remember an answer that was under way when the change came, nor gives it to whoever asks after', async () => {
    const token = somebody();
    const held = Promise.withResolvers<void>();
    directus.answerWith((request, response) => {
      void held.promise.then(() => directus.answerAsDirectus(request, response));
    });
    const before = call(token).then(({ status }) => status);
    await directus.arrived(2); // permissions and person
    await directus.feed.tell('directus_permissions');
    const after = call(token).then(({ status }) => status);
    await directus.arrived(4);
    held.resolve();
    expect([await before, await after, asked(token)]).toEqual([200, 200, 2]);

    directus.answerWith(directus.answerAsDirectus);
    await directus.feed.tell('directus_permissions');
    await call(token);
    expect(asked(token)).toBe(3);
  });

  it('that loses the feed forgets everybody, remembers briefly, says so, and comes back', async () => {
    const token = somebody();
    await call(token);
    directus.feed.cut({ letIn: false });
    await feedIs('error');
    const { status, body } = await caller.get('/server/health');
    expect([status, body.status]).toEqual([200, 'ok']); // it works, with more questions to Directus
    await calm();

    const briefly = somebody();
    await call(briefly);
    clock.now += 9_999;
    await call(briefly);
    expect(asked(briefly)).toBe(1);
    clock.now += 1;
    await call(briefly);
    expect(asked(briefly)).toBe(2);

    directus.feed.letIn();
    await directus.feed.listening(6);
    await feedIs('ok');
    await call(briefly);
    expect(asked(briefly)).toBe(3); // what happened meanwhile, nobody knows
    await call(token);
    expect(asked(token)).toBe(1);
  });

  it.each([
    ['what is no JSON', 'what?'],
    ['JSON of another form', '{"kind":"event"}'],
    ['a refusal', '{"type":"subscription","status":"error","uid":"directus_users","error":{"code":"FORBIDDEN"}}'],
    ['the end of its token', '{"type":"auth","status":"error","error":{"code":"TOKEN_EXPIRED"}}'],
  ])('trusts the feed no more that says %s', async (_what, text) => {
    const token = somebody();
    await call(token);
    directus.feed.say(text);
    while (asked(token) < 2) await call(token);

    await directus.feed.listening(6);
    await feedIs('ok');
  });

  it('is not let in by Directus: every caller is served, and remembered briefly', async () => {
    const gateway = await startGateway(
      { ...world.environment, DIRECTUS_TOKEN: 'canaryTokenRevoked' },
      { now: () => clock.now },
    );
    const token = somebody();
    const refused = await gateway.logged(({ msg }) => String(msg).startsWith('no feed'));
    const answers = [await supertest(gateway.url).get(customers).set(as(token))];
    clock.now += 10_000;
    answers.push(await supertest(gateway.url).get(customers).set(as(token)));
    await gateway.stop();

    expect([answers.map(({ status }) => status), asked(token)]).toEqual([[200, 200], 2]);
    expect(JSON.stringify(refused) + gateway.logs()).not.toContain('canaryTokenRevoked');
  });
});
