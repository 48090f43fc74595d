import { once } from 'node:events';
import { Agent, type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../demo/free-port.ts';
import { dial } from '../world/dial.ts';
import {
  type GatewayProcess,
  type ProcessOptions,
  spawnGateway,
  startGatewayProcess,
} from '../world/gateway-process.ts';
import { listen } from '../world/listen.ts';
import { poll } from '../world/poll.ts';
import { startStubDirectus } from '../world/stub-directus.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const customers = '/stripe/v1/customers';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

/** @param timeout SERVER_SHUTDOWN_TIMEOUT; a quarter of it without a request ends the drain, and half of it does anyway */
async function start(timeout: string, options: ProcessOptions & { DIRECTUS_URL?: string } = {}) {
  const { DIRECTUS_URL = world.environment.DIRECTUS_URL ?? '', ...more } = options;
  const environment = { ...world.environment, DIRECTUS_URL, SERVER_SHUTDOWN_TIMEOUT: timeout };
  const gateway = await startGatewayProcess(environment, more);
  running.push(gateway);
  return gateway;
}

const begin = (url: string, agent: Agent | false = false): ClientRequest =>
  request(url, { agent, headers: as(tokens.reader) }).end();

async function answerTo(question: ClientRequest): Promise<IncomingMessage> {
  const [answer] = await once(question, 'response');
  return answer;
}

async function ask(url: string, agent?: Agent) {
  const answer = await answerTo(begin(url, agent));
  return { status: answer.statusCode, connection: answer.headers.connection, body: await text(answer) };
}

const refusal = (url: string): Promise<unknown> =>
  ask(url).then(
    ({ status }) => status,
    ({ code }) => code,
  );

/** As the pings are probes, they do not prolong the drain. */
const refuses = ({ url }: GatewayProcess, withinMs?: number) =>
  poll('it refuses connections', async () => (await refusal(`${url}/server/ping`)) === 'ECONNREFUSED', withinMs);

/** An answer that ends when the test says so. */
async function openStream({ url }: GatewayProcess, agent: Agent | false = false) {
  const rest = Promise.withResolvers<() => void>();
  world.stripe.answerWith((_request, response) => {
    response.write('first ');
    rest.resolve(() => response.end('last'));
  });
  const answer = await answerTo(begin(`${url}${customers}`, agent));
  const whole = text(answer).catch(({ code }) => code);
  const end = await rest.promise;
  world.stripe.reset();
  return { whole, end };
}

async function msUntil(event: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await event;
  return performance.now() - start;
}

describe('a gateway that gets SIGTERM', () => {
  it('is not ready at once, and answers what comes for a moment, each answer with Connection: close', async () => {
    const gateway = await start('2s');
    const agent = new Agent({ keepAlive: true });
    expect(await ask(`${gateway.url}${customers}`, agent)).toMatchObject({ status: 200, connection: 'keep-alive' });
    gateway.child.kill('SIGTERM');
    await gateway.logged('"stopping"');

    const health = await ask(`${gateway.url}/server/health`);
    expect([health.status, JSON.parse(health.body).checks.gateway]).toEqual([503, 'error']);
    expect(await ask(`${gateway.url}${customers}`, agent)).toMatchObject({ status: 200, connection: 'close' }); // on the old connection
    expect(await ask(`${gateway.url}${customers}`, agent)).toMatchObject({ status: 200, connection: 'close' });
    expect(await gateway.ended).toBe(0);
  });

  it('ends when no request has come for a quarter of its time, whoever probes it', async () => {
    const gateway = await start('4s');
    const probes = setInterval(() => ask(`${gateway.url}/server/health`).catch(() => undefined), 100);
    gateway.child.kill('SIGTERM');
    const took = await msUntil(gateway.ended);
    clearInterval(probes);

    expect(took).toBeGreaterThan(950);
    expect(took).toBeLessThan(1_950); // which is before half of it
  });

  it('takes no new connections after half of its time, however many come, and lets a stream end', async () => {
    const gateway = await start('2s');
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    const refused = await msUntil(
      poll(
        'the gateway refuses connections',
        async () => (await refusal(`${gateway.url}${customers}`)) === 'ECONNREFUSED',
      ),
    );
    expect(refused).toBeGreaterThan(950);
    expect(refused).toBeLessThan(1_700);

    stream.end();
    expect(await stream.whole).toBe('first last');
    expect(await gateway.ended).toBe(0);
    expect(gateway.log()).toContain('"stopped"');
  });

  it('leaves a connection open for a while whose answer could not say that it would end', async () => {
    const gateway = await start('8s');
    const agent = new Agent({ keepAlive: true });
    const stream = await openStream(gateway, agent);
    gateway.child.kill('SIGTERM');
    await gateway.logged('"stopping"');
    await sleep(1_800);
    stream.end(); // a moment before the listener closes
    expect(await stream.whole).toBe('first last');
    await refuses(gateway);

    expect(await ask(`${gateway.url}${customers}`, agent)).toMatchObject({ status: 200, connection: 'close' });
    expect(await gateway.ended).toBe(0);
  });

  it('cuts what has not ended when its time is over', async () => {
    const gateway = await start('1s');
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    const took = await msUntil(stream.whole);
    expect(await stream.whole).toBe('ECONNRESET');
    expect(await gateway.ended).toBe(0);

    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(1_900);
    expect(gateway.log()).toMatch(/"cutOff":true/);
    stream.end();
  });

  it('does not wait for connections on which nothing comes, and waits for a request that has begun to come', async () => {
    const gateway = await start('2s');
    const idle = dial(gateway.port);
    const slow = dial(gateway.port);
    slow.send(`GET ${customers} HTTP/1.1\r\n`);
    await once(idle.socket, 'connect');
    await ask(`${gateway.url}/server/ping`); // the gateway has them
    gateway.child.kill('SIGTERM');
    expect(await idle.closed).toBe('');
    slow.send(`Host: a\r\nAuthorization: Bearer ${tokens.reader}\r\n\r\n`);

    expect(await slow.closed).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*connection: close\r\n/i);
    expect(await gateway.ended).toBe(0);
  });

  it('ends at once at a second signal', async () => {
    const gateway = await start('20s');
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    await gateway.logged('"stopping"');
    gateway.child.kill('SIGTERM');

    expect(await msUntil(gateway.ended)).toBeLessThan(1_000);
    expect([await gateway.ended, await stream.whole]).toEqual([1, 'ECONNRESET']);
    stream.end();
  });
});

it('a gateway that is interrupted at a terminal does not wait for load balancers, but for what is under way', async () => {
  const gateway = await start('20s');
  const stream = await openStream(gateway);
  gateway.child.kill('SIGINT');
  await gateway.logged('"stopping"');
  await refuses(gateway, 1_000);
  stream.end();

  expect(await stream.whole).toBe('first last');
  expect(await msUntil(gateway.ended)).toBeLessThan(1_000);
  expect(await gateway.ended).toBe(0);
});

describe('an error that nobody handles', () => {
  /** Does this at each SIGUSR2. */
  const failing = (what: string) => `process.on('SIGUSR2', () => { ${what} })`;

  it.each([
    ['is thrown', 'throw new TypeError("canaryOfMessage\\n    at canaryOfPlace (/a.js:1:1)")', 'uncaughtException'],
    ['is a rejection', 'Promise.reject(new TypeError("canaryOfMessage"))', 'unhandledRejection'],
    ['is no error', 'Promise.reject("canaryOfMessage")', 'unhandledRejection'],
  ])(
    'and %s ends the process with code 1 after what is under way, and one line without its words',
    async (_how, what, kind) => {
      const gateway = await start('1s', { before: failing(what) });
      const stream = await openStream(gateway);
      gateway.child.kill('SIGUSR2');
      await gateway.logged('"stopping"');
      expect((await ask(`${gateway.url}/server/health`)).status).toBe(503);
      expect((await ask(`${gateway.url}${customers}`)).status).toBe(200);
      stream.end();

      expect(await stream.whole).toBe('first last');
      expect(await gateway.ended).toBe(1);
      const fatal = gateway
        .log()
        .split('\n')
        .filter((line) => line.includes('"level":60'));
      expect(fatal.map((line) => JSON.parse(line))).toMatchObject([{ kind, msg: 'an error was not handled' }]);
      expect(gateway.log()).not.toContain('canary');
    },
  );

  it('ends the process in time, whatever does not end', async () => {
    const forever = 'setInterval(() => undefined, 1_000);';
    const gateway = await start('1s', { before: forever + failing('throw new Error()') });
    const stream = await openStream(gateway);
    gateway.child.kill('SIGUSR2');

    expect(await msUntil(gateway.ended)).toBeLessThan(2_500);
    expect([await gateway.ended, await stream.whole]).toEqual([1, 'ECONNRESET']);
    stream.end();
  });

  it('ends it at once when it is the second one', async () => {
    const gateway = await start('20s', { before: failing('throw new Error()') });
    const stream = await openStream(gateway);
    gateway.child.kill('SIGUSR2');
    await gateway.logged('"stopping"');
    gateway.child.kill('SIGUSR2');

    expect(await msUntil(gateway.ended)).toBeLessThan(1_000);
    expect([await gateway.ended, await stream.whole]).toEqual([1, 'ECONNRESET']);
    stream.end();
  });

  it('while it stops anyway changes its code, and nothing else', async () => {
    const gateway = await start('1s', { before: failing('throw new Error()') });
    const stream = await openStream(gateway);
    gateway.child.kill('SIGTERM');
    await gateway.logged('"stopping"');
    gateway.child.kill('SIGUSR2');
    await gateway.logged('an error was not handled');
    stream.end();

    expect([await stream.whole, await gateway.ended]).toEqual(['first last', 1]);
  });
});

describe('a gateway that starts', () => {
  it.each([
    ['where its port is taken', '127.0.0.1', /PORT \d+ is taken on HOST 127\.0\.0\.1/],
    ['with an address that is not there', '192.0.2.1', /HOST and PORT cannot be listened on/],
  ])('%s says so and ends with code 1', async (_where, HOST, words) => {
    const taken = await listen(createServer());
    running.push(taken);
    const gateway = await spawnGateway({ ...world.environment, HOST }, { port: taken.port });
    running.push(gateway);

    expect(await gateway.ended).toBe(1);
    expect(gateway.log()).toMatch(words);
  });

  it('while Directus is down serves, is not ready, and is when Directus is back', async () => {
    const port = await freePort(undefined, 'PORT');
    const gateway = await start('1s', { DIRECTUS_URL: `http://127.0.0.1:${port}` });
    expect((await ask(`${gateway.url}/server/health`)).status).toBe(503);
    expect((await ask(`${gateway.url}${customers}`)).status).toBe(503);

    const directus = await startStubDirectus(port);
    running.push(directus);
    directus.users.set(tokens.reader, {
      id: 'user-reader',
      permissions: { customers: { read: { access: 'full', fields: ['*'] } } },
    });
    await poll('the gateway is ready', async () => (await ask(`${gateway.url}/server/health`)).status === 200);
    expect((await ask(`${gateway.url}${customers}`)).status).toBe(200);
  });
});
