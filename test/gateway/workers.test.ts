import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Answered, CrewProcess } from '../world/crew-process.ts';
import { poll } from '../world/poll.ts';
import { each, linesOf, path, statusesOf, useCrews, workers } from '../world/use-crews.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const { start, configure, folder } = useCrews(world);

const passed = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200).length;

describe('several workers on one port', () => {
  it('all serve, and say in the log which of them it was', async () => {
    const gateway = await start();
    expect(statusesOf(await gateway.askEach(path, { token: tokens.admin }))).toEqual(each(200));
    await gateway.logged('"status":200', workers);

    const requests = linesOf(gateway).filter(({ status }) => status === 200);
    expect(requests.map(({ worker }) => worker).sort()).toEqual([1, 2, 3]);
    expect(linesOf(gateway).filter(({ msg }) => msg === 'listening')).toMatchObject([
      { workers, feed: expect.any(String) },
    ]);
  });

  it.each([
    [20, 20],
    [120, 111], // 4 at a time: each of the three may hold 3 that the others lack
  ])('let through %d of a caller’s requests and no more, and %d at least', async (points, least) => {
    const gateway = await start({
      RATE_LIMITER_ENABLED: 'true',
      RATE_LIMITER_POINTS: String(points),
      RATE_LIMITER_DURATION: '3600',
      IP_TRUST_PROXY: 'true',
    });
    const asking = Array.from({ length: 2 * points }, (_none, number) =>
      gateway.ask(path, { token: tokens.admin, from: `10.0.${number % 200}.${Math.floor(number / 200)}` }),
    );
    const answers = await Promise.all(asking);
    expect(passed(answers)).toBeLessThanOrEqual(points);
    expect(passed(answers)).toBeGreaterThanOrEqual(least);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2 * points - passed(answers));
    expect(world.stripe.seen).toHaveLength(passed(answers));
  });

  it('have one budget together, exactly', async () => {
    configure(
      `upstreams: { stripe: { rules: [{ path: /v1/budget, collection: customers, budget: { points: 7, per: 24d } }] } }`,
    );
    const gateway = await start({}, { cwd: folder });
    const asking = Array.from({ length: 30 }, () => gateway.ask('/stripe/v1/budget', { token: tokens.admin }));
    const answers = await Promise.all(asking);
    expect([passed(answers), world.stripe.seen.length]).toEqual([7, 7]);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(23);
  });

  it('let no more guessed tokens through to Directus than one would', async () => {
    const gateway = await start({ RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '1000' });
    const answers: Answered[] = [];
    for (let guess = 0; guess < 24; guess += 1) answers.push(await gateway.ask(path, { token: `canaryGuess${guess}` }));
    expect(statusesOf(answers)).toEqual([...Array(20).fill(401), ...Array(4).fill(429)]);
  });
});

describe('several workers with DIRECTUS_TOKEN', () => {
  const asked = () =>
    world.directus.asked.filter((question) => question.token === tokens.reader && question.path === '/permissions/me')
      .length;
  const feedOf = async (gateway: CrewProcess): Promise<unknown[]> =>
    (await gateway.askEach('/server/health')).map(({ body }) => JSON.parse(body).checks.feed);
  const feedIs = (gateway: CrewProcess, state: string) =>
    poll(`every worker’s feed is ${state}`, async () => (await feedOf(gateway)).every((one) => one === state));

  /** Long enough for the second time that everything is forgotten. */
  const calm = () => sleep(700);

  async function startHearing() {
    const before = world.directus.feed.tokens.length;
    const gateway = await start({ DIRECTUS_TOKEN: world.directus.service.token });
    await feedIs(gateway, 'ok');
    await calm();
    const round = async () => {
      const count = asked();
      const statuses = statusesOf(await gateway.askEach(path, { token: tokens.reader }));
      return { statuses, asked: asked() - count };
    };
    return { gateway, round, listeners: () => world.directus.feed.tokens.length - before };
  }

  it('listen to Directus once, ask it each for itself, and are all told of a change', async () => {
    const { round, listeners } = await startHearing();
    expect(await round()).toEqual({ statuses: each(200), asked: workers });
    expect(await round()).toEqual({ statuses: each(200), asked: 0 });
    expect(listeners()).toBe(1);

    const before = world.directus.users.get(tokens.reader);
    world.directus.users.set(tokens.reader, { id: 'user-reader', permissions: {} });
    await world.directus.feed.tell('directus_permissions');
    await poll('each worker has forgotten', async () => !(await round()).statuses.includes(200));
    expect((await round()).statuses).toEqual(each(403));
    if (before !== undefined) world.directus.users.set(tokens.reader, before);
  });

  it('all forget everybody when the feed is lost, and when it is back', async () => {
    const { gateway, round } = await startHearing();
    await round();
    world.directus.feed.cut({ letIn: false });
    await feedIs(gateway, 'error');
    await calm();
    expect(await round()).toEqual({ statuses: each(200), asked: workers });

    world.directus.feed.letIn();
    await feedIs(gateway, 'ok');
    expect((await round()).asked).toBe(workers);
  });

  it('have a new one among them told how the feed stands', async () => {
    const { gateway } = await startHearing();
    process.kill(gateway.workerPids()[0] ?? 0, 'SIGKILL');
    await gateway.logged('"msg":"serving"', workers + 1);
    await gateway.meet();
    expect(await feedOf(gateway)).toEqual(Array(workers).fill('ok'));
  });
});

describe('an operator sets several workers up anew', () => {
  /** An upstream of this name, whose whole API is governed by `customers`. */
  const declaring = (name: string, secret = 'SHOP_KEY') => `
upstreams:
  ${name}:
    origin: ${world.stripe.origin}
    plaintext: loopback
    credential: { bearer: "\${${secret}}" }
    rules: [{ path: /*, collection: customers }]
`;
  const startWith = async (name: string): Promise<CrewProcess> => {
    configure(declaring(name));
    return await start({ SHOP_KEY: 'keyOfTheShop' }, { cwd: folder });
  };
  const reach = async (gateway: CrewProcess, name: string) =>
    statusesOf(await gateway.askEach(`/${name}/a`, { token: tokens.admin }));

  it('and all of them are, and say so', async () => {
    const gateway = await startWith('old');
    configure(declaring('new'));
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew', workers + 1);
    expect([await reach(gateway, 'old'), await reach(gateway, 'new')]).toEqual([each(404), each(200)]);
    const told = linesOf(gateway).filter(({ msg }) => msg === 'set up anew');
    expect(told.filter(({ worker, upstreams }) => (worker === undefined) !== (upstreams !== undefined))).toEqual([]);
  });

  it('and a set-up with faults changes nothing, also for a worker that begins after it', async () => {
    const gateway = await startWith('old');
    configure(declaring('new', 'MISSING_KEY'));
    gateway.child.kill('SIGHUP');
    await gateway.logged('the last good one stays');
    expect(await reach(gateway, 'old')).toEqual(each(200));

    process.kill(gateway.workerPids()[0] ?? 0, 'SIGKILL');
    await gateway.logged('"msg":"serving"', workers + 1);
    await gateway.meet();
    expect(await reach(gateway, 'old')).toEqual(each(200));
    const told = linesOf(gateway).filter(({ msg }) => String(msg).endsWith('the last good one stays'));
    expect(told.map(({ worker }) => worker)).toEqual(told.map(() => undefined));
    expect(gateway.log()).not.toContain('keyOfTheShop');
  });
});

it('workers to whom nobody answers refuse what has a budget, count alone, and hold the feed for lost', async () => {
  configure(
    `upstreams: { stripe: { rules: [{ path: /v1/budget, collection: customers, budget: { points: 90, per: 24d } }] } }`,
  );
  const more = { DIRECTUS_TOKEN: world.directus.service.token, RATE_LIMITER_ENABLED: 'true' };
  const gateway = await start(more, { cwd: folder });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (at: string) => gateway.ask(at, { token: tokens.admin, agent });
  const feed = async () => JSON.parse((await ask('/server/health')).body).checks.feed;
  await poll('the feed is live', async () => (await feed()) === 'ok');
  expect((await ask('/stripe/v1/budget')).status).toBe(200);

  gateway.child.kill('SIGSTOP');
  const refused = await ask('/stripe/v1/budget');
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body).errors[0].extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', service: 'workers' });
  expect((await ask(path)).status).toBe(200);
  await poll('the feed counts as lost', async () => (await feed()) === 'error');

  gateway.child.kill('SIGCONT');
  await poll('the feed is live again', async () => (await feed()) === 'ok');
  await poll('budgets are granted again', async () => (await ask('/stripe/v1/budget')).status === 200);
  agent.destroy();
});
