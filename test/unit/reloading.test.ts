import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createGateway, type Gateway } from '../../src/create-gateway.ts';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { readSetup, type Setup } from '../../src/read-setup.ts';
import { answering, createReloading, type Reloading, summary } from '../../src/reloading.ts';

/** A set-up with this upstream. */
const setupWith = (name: string, variables = {}): Setup =>
  readSetup({ DIRECTUS_URL: 'http://127.0.0.1:9', API_KEY: 'canary', ...variables }, (path) => {
    if (path === 'gateway.yaml')
      return `upstreams: { ${name}: { origin: "https://x.example", credential: { bearer: "\${API_KEY}" }, rules: [] } }`;
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  });
const faulty = (): Setup => readSetup({ PORT: 'canary' }, () => 'upstreams: canary');

let happened: string[] = [];
let logged: { level: number; msg: string; [member: string]: unknown }[] = [];
let readAgain: () => Setup = faulty;
let spoil: (gateway: Gateway) => Gateway = (gateway) => gateway;
const logger = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line)) });
const limitStore = await createLimitStore({ variables: { REDIS: undefined }, logger, now: Date.now });

/** The real gateway, which tells when it is started and stopped. */
function build(setup: Setup): Gateway {
  const name = setup.upstreams.map((upstream) => upstream.name).join();
  happened.push(`build ${name}`);
  const gateway = createGateway(setup, { logger, now: Date.now, isStopping: () => false, limitStore });
  return spoil({ ...gateway, start: () => happened.push(`start ${name}`), stop: () => happened.push(`stop ${name}`) });
}

let reloading: Reloading<Gateway>;
const server = createServer((request, response) => answering(reloading).handle(request, response));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  happened = [];
  logged = [];
  readAgain = faulty;
  spoil = (gateway) => gateway;
  reloading = createReloading({ setup: setupWith('one'), readAgain: () => readAgain(), build, logger });
  reloading.start();
});

/** The upstreams that callers reach: those for which they need a token. */
async function reached(): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  const status = async (name: string) =>
    // On a connection of its own: one that is kept may end at the very moment when it is used again.
    (await fetch(`http://127.0.0.1:${port}/${name}/x`, { headers: { Connection: 'close' } })).status;
  const answers = await Promise.all(['one', 'two'].map(async (name) => [name, await status(name)] as const));
  return answers.flatMap(([name, status]) => (status === 404 ? [] : [name]));
}

it('callers reach what the first set-up has', async () => {
  expect([await reached(), happened]).toEqual([['one'], ['build one', 'start one']]);
});

describe('a set-up without faults', () => {
  it('takes over whole, the new one started before the old one stops', async () => {
    readAgain = () => setupWith('two');
    reloading.reload();
    expect(happened).toEqual(['build one', 'start one', 'build two', 'start two', 'stop one']);
    expect(await reached()).toEqual(['two']);
    expect(logged.map(({ level, msg }) => [level, msg])).toContainEqual([30, 'set up anew']);
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  it('is the one that is stopped in the end', () => {
    readAgain = () => setupWith('two');
    reloading.reload();
    reloading.stop();
    expect(happened.slice(-2)).toEqual(['stop one', 'stop two']);
  });

  it('may come again and again', () => {
    readAgain = () => setupWith('two');
    reloading.reload();
    readAgain = () => setupWith('one');
    reloading.reload();
    expect(happened.filter((each) => each.startsWith('st'))).toEqual([
      'start one',
      'start two',
      'stop one',
      'start one',
      'stop two',
    ]);
  });

  it('says which variables must wait for the next start', () => {
    readAgain = () => setupWith('one', { PORT: '1234', LOG_LEVEL: 'debug', MAX_PAYLOAD_SIZE: '1' });
    reloading.reload();
    expect(logged.find(({ level }) => level === 40)).toMatchObject({ variables: ['PORT', 'LOG_LEVEL'] });
    logged = [];
    reloading.reload();
    expect(logged.filter(({ level }) => level === 40)).toEqual([]);
  });
});

describe('the last good set-up stays', () => {
  const faults: [string, () => void][] = [
    ['when the next has faults', () => (readAgain = faulty)],
    [
      'when it cannot be read at all',
      () => {
        readAgain = () => {
          throw new TypeError('fault');
        };
      },
    ],
    [
      'when it cannot be built',
      () => {
        readAgain = () => setupWith('two');
        spoil = () => {
          throw new TypeError('fault');
        };
      },
    ],
    [
      'when it cannot be started',
      () => {
        readAgain = () => setupWith('two');
        spoil = (gateway) => ({
          ...gateway,
          start: () => {
            throw new TypeError('fault');
          },
        });
      },
    ],
  ];
  it.each(faults)('%s', async (_when, prepare) => {
    prepare();
    reloading.reload();
    expect(logged.map(({ level, msg }) => [level, msg])).toEqual([
      [50, 'the new set-up has faults; the last good one stays'],
    ]);
    expect(await reached()).toEqual(['one']);
    expect(happened).not.toContain('stop one');
  });

  it('and what is wrong is told without a value', () => {
    reloading.reload();
    expect(logged[0]?.faults).toContainEqual({ name: 'PORT', problem: 'must be a port number' });
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  it('until one comes that is whole', async () => {
    reloading.reload();
    readAgain = () => setupWith('two');
    reloading.reload();
    expect(await reached()).toEqual(['two']);
  });
});

it('an administrator reads what is on, and what is off and why', () => {
  expect(summary(setupWith('one'))).toMatchObject({
    upstreams: { one: 'https://x.example', stripe: 'off: no STRIPE_LIVE_SECRET_KEY' },
    feed: 'off: no DIRECTUS_TOKEN',
  });
});
