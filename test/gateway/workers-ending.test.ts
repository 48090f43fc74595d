import { Agent, createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { CrewProcess } from '../world/crew-process.ts';
import { spawnGateway } from '../world/gateway-process.ts';
import { listen } from '../world/listen.ts';
import { poll } from '../world/poll.ts';
import { each, linesOf, path, statusesOf, useCrews, workers } from '../world/use-crews.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const { start, running, openStream } = useCrews(world);

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

it('a port that is taken is said once, and ends all with code 1', async () => {
  const taken = await listen(createServer());
  running.push(taken);
  const gateway = await spawnGateway({ ...world.environment, WORKERS: String(workers) }, { port: taken.port });
  running.push(gateway);
  expect(await gateway.ended).toBe(1);
  expect(gateway.log().match(/PORT \d+ is taken on HOST 127\.0\.0\.1/g)).toHaveLength(1);
  expect(gateway.log()).not.toContain('is replaced');
});

const refusal = (gateway: CrewProcess): Promise<unknown> =>
  gateway.ask('/server/ping').then(
    ({ status }) => status,
    ({ code }) => code,
  );
