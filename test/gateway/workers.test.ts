import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answered, type CrewProcess, startCrewProcess } from '../world/crew-process.ts';
import { type ProcessOptions, spawnGateway } from '../world/gateway-process.ts';
import { listen } from '../world/listen.ts';
import { poll } from '../world/poll.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const workers = 3;
const path = '/stripe/v1/customers';
const folder = mkdtempSync(join(tmpdir(), 'gateway-workers-'));

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  world.directus.feed.letIn();
});

async function start(more: Record<string, string> = {}, options: ProcessOptions = {}): Promise<CrewProcess> {
  const environment = { ...world.environment, SERVER_SHUTDOWN_TIMEOUT: '1s', ...more };
  const gateway = await startCrewProcess(workers, environment, options);
  running.push(gateway);
  await gateway.logged('"msg":"serving"', workers);
  return gateway;
}

/** As editors and mounted volumes do it: another file takes the place of the old one. */
function configure(content: string): void {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

const statusesOf = (answers: readonly Answered[]) => answers.map(({ status }) => status);
const each = (status: number) => Array(workers).fill(status);
const passed = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200).length;
const linesOf = (gateway: CrewProcess): { readonly [member: string]: unknown }[] =>
  gateway
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

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

describe('a worker that dies', () => {
  it('is replaced, while the others serve', async () => {
    const gateway = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await gateway.ask(path, { token: tokens.admin, agent });
    await gateway.logged('"msg":"request"');
    const [kept] = linesOf(gateway).filter(({ msg }) => msg === 'request');
    const pids = new Map(
      linesOf(gateway).flatMap(({ msg, worker, pid }) => (msg === 'serving' ? [[worker, pid]] : [])),
    );
    const [victim] = [...pids].find(([worker]) => worker !== kept?.worker) ?? [];
    process.kill(Number(pids.get(victim)), 'SIGKILL');
    await gateway.logged('a worker has ended unexpectedly');
    expect((await gateway.ask(path, { token: tokens.admin, agent })).status).toBe(200);
    agent.destroy();

    await gateway.logged('"msg":"serving"', workers + 1);
    await gateway.meet();
    expect(statusesOf(await gateway.askEach(path, { token: tokens.admin }))).toEqual(each(200));
    const ended = linesOf(gateway).filter(({ msg }) => msg === 'a worker has ended unexpectedly, and is replaced');
    expect(ended).toMatchObject([{ worker: victim, signal: 'SIGKILL', pauseMs: 0 }]);
  });

  it('of an error that nobody handles ends what it has begun first', async () => {
    const before = `process.on('SIGUSR2', () => { throw new Error('canary') });`;
    const gateway = await start({ SERVER_SHUTDOWN_TIMEOUT: '20s' }, { before });
    const stream = await openStream(gateway);
    for (const pid of gateway.workerPids()) process.kill(pid, 'SIGUSR2');
    await gateway.logged('an error was not handled', workers);
    await gateway.logged('"msg":"serving"', 2 * workers - 1); // all but the one with the stream
    expect((await gateway.ask(path, { token: tokens.admin })).status).toBe(200);
    stream.end();
    expect(await stream.whole).toBe('first last');
    expect(gateway.log()).not.toContain('canary');
  });

  it('again and again is replaced after growing pauses', async () => {
    const before = `if (process.send) process.exit(3);`;
    const gateway = await spawnGateway({ ...world.environment, WORKERS: '2' }, { before });
    running.push(gateway);
    await gateway.logged('and is replaced', 5);
    const pauses = [...gateway.log().matchAll(/"pauseMs":(\d+)/g)].map(([, ms]) => Number(ms));
    expect(pauses.slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
  });
});

describe('a gateway of several workers that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s lets what is under way end, once', async (signal) => {
    const gateway = await start({ SERVER_SHUTDOWN_TIMEOUT: '4s' });
    const stream = await openStream(gateway);
    gateway.child.kill(signal);
    for (const pid of gateway.workerPids()) process.kill(pid, signal); // as a terminal does
    await gateway.logged('"msg":"stopping"', workers + 1);
    await poll('nobody listens', async () => (await refusal(gateway)) === 'ECONNREFUSED');
    stream.end();

    expect(await stream.whole).toBe('first last');
    expect(await gateway.ended).toBe(0);
    expect(gateway.log()).not.toContain('"level":50');
  });

  it('cuts what has not ended in time', async () => {
    const gateway = await start();
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    expect(await stream.whole).toBe('ECONNRESET');
    expect(await gateway.ended).toBe(0);
    stream.end();
  });

  it('ends at once at a second signal', async () => {
    const gateway = await start({ SERVER_SHUTDOWN_TIMEOUT: '600s' }); // longer than the test can take
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    await gateway.logged('"msg":"stopping"', workers + 1);
    gateway.child.kill('SIGTERM');
    expect([await gateway.ended, await stream.whole]).toEqual([1, 'ECONNRESET']);
    stream.end();
  });
});

it('workers do not outlive the process that has started them', async () => {
  const gateway = await start();
  gateway.child.kill('SIGKILL');
  expect(await gateway.ended).toBe('SIGKILL'); // which is when nobody has its output open any more
  expect(await refusal(gateway)).toBe('ECONNREFUSED');
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

it('a port that is taken is said once, and ends all with code 1', async () => {
  const taken = await listen(createServer());
  running.push(taken);
  const gateway = await spawnGateway({ ...world.environment, WORKERS: String(workers) }, { port: taken.port });
  running.push(gateway);
  expect(await gateway.ended).toBe(1);
  expect(gateway.log().match(/PORT \d+ is taken on HOST 127\.0\.0\.1/g)).toHaveLength(1);
  expect(gateway.log()).not.toContain('is replaced');
});

/** An answer that ends when the test says so. */
async function openStream(gateway: CrewProcess) {
  const rest = Promise.withResolvers<() => void>();
  world.stripe.answerWith((_request, response) => {
    response.write('first ');
    rest.resolve(() => response.end('last'));
  });
  const whole = gateway.ask(path, { token: tokens.admin }).then(
    ({ body }) => body,
    ({ code }) => code,
  );
  const end = await rest.promise;
  world.stripe.reset();
  return { whole, end };
}

const refusal = (gateway: CrewProcess): Promise<unknown> =>
  gateway.ask('/server/ping').then(
    ({ status }) => status,
    ({ code }) => code,
  );
