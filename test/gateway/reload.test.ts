import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const folder = mkdtempSync(join(tmpdir(), 'gateway-reload-'));
const file = join(folder, 'gateway.yaml');
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** An upstream of this name, whose whole API is governed by `customers`. */
const declaring = (name: string, secret = 'SHOP_KEY') => `
upstreams:
  ${name}:
    origin: ${world.stripe.origin}
    plaintext: loopback
    credential: { bearer: "\${${secret}}" }
    rules: [{ path: /*, collection: customers }]
`;

/** `directus-gateway` as a process of its own, in a folder with gateway.yaml. */
async function startProcess(more: Record<string, string> = {}) {
  const gateway = await startGatewayProcess(
    { ...world.environment, SHOP_KEY: 'keyOfTheShop', ...more },
    { cwd: folder },
  );
  stops.push(gateway.stop);
  const ask = async (path: string) => {
    const answer = await begin(`${gateway.url}${path}`);
    return { status: answer.statusCode, body: await text(answer) };
  };
  return { ...gateway, ask };
}

async function begin(url: string): Promise<IncomingMessage> {
  const [answer] = await once(get(url, { headers: as(tokens.reader), agent: false }), 'response');
  return answer;
}

/** As editors and mounted volumes do it: another file takes the place of the old one. */
function replace(content: string) {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

describe('an operator changes gateway.yaml while the gateway serves', () => {
  it('and it counts at once after SIGHUP, without what was remembered; what is under way ends as it began', async () => {
    replace(declaring('old'));
    const gateway = await startProcess({ PERMISSIONS_TTL: '5m' });
    await gateway.ask('/old/a');
    const asked = world.directus.asked.length;
    const parts: { end?: () => void } = {};
    world.stripe.answerHeadWith((_request, response) => {
      response.write('first ');
      parts.end = () => response.end('last');
    });
    const underWay = await begin(`${gateway.url}/old/stream`);
    expect(world.directus.asked).toHaveLength(asked); // remembered

    replace(declaring('new'));
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');
    parts.end?.();
    expect(await text(underWay)).toBe('first last');

    world.stripe.reset();
    const [before, after] = [await gateway.ask('/old/a'), await gateway.ask('/new/a')];
    expect([before.status, after.status]).toEqual([404, 200]);
    expect(world.stripe.seen.map(({ target }) => target)).toEqual(['/a']);
    expect(world.directus.asked.length).toBeGreaterThan(asked); // and not any more
  });

  it('and it counts without a signal, too', async () => {
    replace(declaring('old'));
    const gateway = await startProcess();
    replace(declaring('newer'));
    await gateway.logged('set up anew');

    expect((await gateway.ask('/newer/a')).status).toBe(200);
  });

  it('and a set-up with faults changes nothing, and says what is wrong and where', async () => {
    replace(declaring('old'));
    const gateway = await startProcess();
    replace(declaring('new', 'MISSING_KEY'));
    gateway.child.kill('SIGHUP');
    await gateway.logged('the last good one stays');

    expect((await gateway.ask('/old/a')).status).toBe(200);
    expect((await gateway.ask('/new/a')).status).toBe(404);
    expect(gateway.log()).toContain('gateway.yaml:6:27');
    expect(gateway.log()).toContain('needs MISSING_KEY, which is not set');

    replace(declaring('new'));
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');
    expect((await gateway.ask('/new/a')).status).toBe(200);
  });

  it('and a file that is gone for a moment is no set-up without it, where GATEWAY_CONFIG names it', async () => {
    replace(declaring('old'));
    const gateway = await startProcess({ GATEWAY_CONFIG: file });
    rmSync(file);
    gateway.child.kill('SIGHUP');
    await gateway.logged('the last good one stays');

    expect((await gateway.ask('/old/a')).status).toBe(200);
  });

  it('and a key in a file is read anew when the file changes', async () => {
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, 'firstKeyOfTheShop\n');
    replace(declaring('shop', 'ROTATED_KEY'));
    const gateway = await startProcess({ ROTATED_KEY_FILE: keyFile });
    await gateway.ask('/shop/a');
    writeFileSync(keyFile, 'secondKeyOfTheShop\n');
    await gateway.logged('set up anew');
    await gateway.ask('/shop/a');

    expect(world.stripe.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer firstKeyOfTheShop',
      'Bearer secondKeyOfTheShop',
    ]);
    expect(gateway.log()).not.toMatch(/KeyOfTheShop/);
  });

  it('and a key that Kubernetes has mounted is read anew when its folder is exchanged', async () => {
    const mount = join(folder, 'mounted');
    const project = (version: string, key: string) => {
      mkdirSync(join(mount, version), { recursive: true });
      writeFileSync(join(mount, version, 'key'), key);
      symlinkSync(version, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    project('..first', 'firstKeyOfTheShop');
    symlinkSync('..data/key', join(mount, 'key'));
    replace(declaring('shop', 'ROTATED_KEY'));
    const gateway = await startProcess({ ROTATED_KEY_FILE: join(mount, 'key') });
    project('..second', 'secondKeyOfTheShop');
    rmSync(join(mount, '..first'), { recursive: true });
    await gateway.logged('set up anew');
    await gateway.ask('/shop/a');

    expect(world.stripe.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secondKeyOfTheShop']);
  });
});

it('a WebSocket through the front door outlives a new set-up, and ends when the gateway is told to stop', async () => {
  writeFileSync(file, declaring('shop'));
  const gateway = await startProcess({ FRONT_DOOR: 'true' });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/websocket`);
  await once(socket, 'open');
  const heard = async () => {
    socket.send('{"type":"auth","access_token":"x"}');
    const [message] = await once(socket, 'message');
    return JSON.parse(String(message)).type;
  };
  expect(await heard()).toBe('auth');
  gateway.child.kill('SIGHUP');
  await gateway.logged('set up anew');
  expect(await heard()).toBe('auth');

  const closed = once(socket, 'close');
  const start = performance.now();
  gateway.child.kill('SIGTERM');
  await closed;
  expect(performance.now() - start).toBeLessThan(1_000); // told at once, long before SERVER_SHUTDOWN_TIMEOUT
  expect(await gateway.ended).toBe(0);
  expect(gateway.log()).toMatch(/"path":"\/websocket","status":101/);
});
