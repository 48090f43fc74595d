import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startCrewProcess } from '../world/crew-process.ts';
import { type GatewayProcess, startGatewayProcess } from '../world/gateway-process.ts';
import { runCommand } from '../world/run-command.ts';
import type { WrittenItem } from '../world/stub-written.ts';
import { auditing, isAuditing, loggedItems, useAudit } from '../world/use-audit.ts';
import { statusesOf } from '../world/use-crews.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const { send, noted } = useAudit(world);
const { directus, stripe } = world;
const { written } = directus.service;

const folder = mkdtempSync(join(tmpdir(), 'gateway-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

async function start(timeout = '2s', more: Record<string, string> = {}) {
  const environment = { ...world.environment, ...auditing, SERVER_SHUTDOWN_TIMEOUT: timeout, ...more };
  const gateway = await startGatewayProcess(environment, { cwd: folder });
  running.push(gateway);
  return gateway;
}

const write = async (gateway: GatewayProcess, count: number) => {
  for (let key = 0; key < count; key += 1) {
    const { status } = await send(`/stripe/v1/customers/cus_${key}`, { method: 'DELETE' }, gateway);
    expect(status).toBe(200);
  }
};
const paths = (count: number): string[] => Array.from({ length: count }, (_, key) => `/v1/customers/cus_${key}`);
const pathsOf = (items: readonly WrittenItem[]) => items.map(({ path }) => path);
const loggedPaths = (gateway: GatewayProcess) => pathsOf(loggedItems(gateway.log()).map(({ item }) => item));

/** Items are not taken, so many times or for ever. */
const takeNone = (times = Number.POSITIVE_INFINITY) => {
  let left = times;
  directus.answerWith((asked, response) => {
    if (!isAuditing(asked)) directus.answerAsDirectus(asked, response);
    else if (left > 0) response.destroy();
    else directus.answerAsDirectus(asked, response);
    if (isAuditing(asked)) left -= 1;
  });
};

describe('a gateway that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('writes what waits before it ends (%s)', async (signal) => {
    const gateway = await start();
    await write(gateway, 5);
    gateway.child.kill(signal);
    expect(await gateway.ended).toBe(0);
    expect(pathsOf(written.items)).toEqual(paths(5));
    expect(loggedPaths(gateway)).toEqual([]);
  });

  it('goes on trying while Directus is down, and writes what waits when it is back in time', async () => {
    const gateway = await start('4s');
    takeNone(4);
    await write(gateway, 5);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(pathsOf(written.items)).toEqual(paths(5));
    expect(loggedPaths(gateway)).toEqual([]);
  });

  it('logs what it could not write in its time, and ends in time', async () => {
    const gateway = await start('1s');
    takeNone();
    await write(gateway, 5);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(loggedPaths(gateway)).toEqual(paths(5));
    expect(loggedItems(gateway.log())[0]).toMatchObject({ level: 50, reason: 'stopped', item: { user: 'user-admin' } });
    expect(gateway.log()).not.toContain('canary');
  });

  it('logs what it had sent and heard nothing of, too', async () => {
    const gateway = await start('1s');
    directus.answerWith((asked, response) => {
      if (!isAuditing(asked)) directus.answerAsDirectus(asked, response);
    });
    await write(gateway, 2);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(loggedPaths(gateway)).toEqual(paths(2));
  });

  it('logs what is left at a second signal, too', async () => {
    const gateway = await start('20s');
    takeNone();
    await write(gateway, 3);
    gateway.child.kill('SIGTERM');
    await gateway.logged('"stopping"');
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(1);
    expect(loggedPaths(gateway)).toEqual(paths(3));
  });

  it('notes a write that is under way and is cut, as it may have happened', async () => {
    const gateway = await start('1s');
    stripe.answerWith(() => undefined);
    const asked = request(`${gateway.url}/stripe/v1/customers`, { method: 'POST', headers: as(tokens.admin) });
    asked.on('error', () => undefined).end();
    await stripe.arrived(1);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(written.items).toMatchObject([{ path: '/v1/customers', status: null, code: null }]);
  });

  it('logs a write of its own whose answer does not come before it ends', async () => {
    const gateway = await start('1s');
    stripe.answerWith(() => undefined);
    const sent = send('/stripe/customers', { body: 'email=a@example.com' }, gateway).catch(() => undefined);
    await stripe.arrived(1);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    await sent;
    expect(loggedItems(gateway.log())).toMatchObject([
      { reason: 'stopped', item: { path: '/customers', status: null, upstream_id: null } },
    ]);
  });
});

describe('an error that nobody handles', () => {
  it('ends the process with what waits written', async () => {
    const before = `process.on('SIGUSR2', () => { throw new Error(); })`;
    const environment = { ...world.environment, ...auditing, SERVER_SHUTDOWN_TIMEOUT: '1s' };
    const gateway = await startGatewayProcess(environment, { cwd: folder, before });
    running.push(gateway);
    await write(gateway, 2);
    gateway.child.kill('SIGUSR2');
    expect(await gateway.ended).toBe(1);
    expect(pathsOf(written.items)).toEqual(paths(2));
  });
});

describe('each of several workers', () => {
  it('writes its own, also when it is told to stop', async () => {
    const environment = { ...world.environment, ...auditing, SERVER_SHUTDOWN_TIMEOUT: '2s' };
    const gateway = await startCrewProcess(3, environment);
    running.push(gateway);
    await gateway.logged('"msg":"serving"', 3);
    await write(gateway, 12);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(pathsOf(written.items).sort()).toEqual(paths(12).sort());
    expect(loggedPaths(gateway)).toEqual([]);
  });

  it('logs what waits when the process that has started it is killed, and ends', async () => {
    const gateway = await startCrewProcess(2, { ...world.environment, ...auditing });
    running.push(gateway);
    await gateway.logged('"msg":"serving"', 2);
    takeNone();
    for (const path of paths(3)) {
      const answers = await gateway.askEach(`/stripe${path}`, { method: 'DELETE', token: tokens.admin });
      expect(statusesOf(answers)).toEqual([200, 200]);
    }
    gateway.child.kill('SIGKILL');
    expect(await gateway.ended).toBe('SIGKILL'); // which is when no worker has its output open any more

    expect(loggedPaths(gateway).sort()).toEqual([...paths(3), ...paths(3)].sort());
    expect(loggedItems(gateway.log()).map(({ reason }) => reason)).toEqual(Array(6).fill('stopped'));
    expect(written.items).toEqual([]);
  });
});

describe('after a change of the set-up', () => {
  it('what waits is written with the new token, and other writes too', async () => {
    const token = join(folder, 'token');
    writeFileSync(token, 'canaryTokenFormer');
    const gateway = await start('1s', { DIRECTUS_TOKEN: '', DIRECTUS_TOKEN_FILE: token });
    takeNone();
    await write(gateway, 2);
    writeFileSync(token, directus.service.token);
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');
    directus.reset();
    await write(gateway, 1);
    expect(pathsOf(await noted(3))).toEqual([...paths(2), ...paths(1)]);
  });
});

it('an audit without DIRECTUS_TOKEN, or into a collection of Directus’ own, is a fault of the set-up', async () => {
  const without = await runCommand({ ...world.environment, AUDIT_COLLECTION: 'api_writes' });
  expect(without.err).toContain('DIRECTUS_TOKEN is required when AUDIT_COLLECTION is set');
  const own = await runCommand({ ...world.environment, ...auditing, AUDIT_COLLECTION: 'directus_activity' });
  expect(own.err).toContain('AUDIT_COLLECTION must not be one of Directus’ own');
});
