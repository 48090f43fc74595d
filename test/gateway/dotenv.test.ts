import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { version } from '../../src/version.ts';
import { type GatewayProcess, spawnGateway, startGatewayProcess } from '../world/gateway-process.ts';
import { runCommand } from '../world/run-command.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const folder = mkdtempSync(join(tmpdir(), 'gateway-dotenv-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each test has a folder of its own. */
let folders = 0;
function newFolder() {
  folders += 1;
  const cwd = mkdtempSync(join(folder, `${folders}-`));
  return { cwd, write: (name: string, text: string) => writeFileSync(join(cwd, name), text) };
}
const start = async (cwd: string, more: Record<string, string> = {}): Promise<GatewayProcess> =>
  stopLater(await startGatewayProcess({ ...world.environment, ...more }, { cwd }));
const statusOf = async ({ url }: GatewayProcess, path: string): Promise<number> =>
  (await fetch(url + path, { headers: as(tokens.admin) })).status;
const times = ({ log }: GatewayProcess, words: string): number => log().split(words).length - 1;

const variables = (members: Record<string, string>): string =>
  Object.entries(members)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

describe('an operator whose .env holds a variable that is misspelt', () => {
  const env = { STRIPE_CUSTOMER_COLLECTION: 'canaryOne', RATE_LIMIT_POINTS: 'canaryTwo', DB_PASSWORD: 'canaryThree' };

  it.each([
    ['one process', {}],
    ['several workers', { WORKERS: '2' }],
  ])('is told at the start, once, and never its value: %s', async (_what, more) => {
    const { cwd, write } = newFolder();
    write('.env', variables(env));
    const gateway = await start(cwd, more);
    await gateway.logged('did you mean RATE_LIMITER_POINTS?');
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');

    expect(times(gateway, 'did you mean STRIPE_CUSTOMERS_COLLECTION?')).toBe(1);
    expect(times(gateway, 'did you mean')).toBe(2);
    expect(gateway.log()).not.toContain('canary');
  });
});

it('an operator whose .env has a number without a unit is told at the start, once, never its value', async () => {
  const { cwd, write } = newFolder();
  write('.env', variables({ SERVER_SHUTDOWN_TIMEOUT: '800', PERMISSIONS_TTL: '0', MAX_PAYLOAD_SIZE: '512kb' }));
  const gateway = await start(cwd);
  await gateway.logged('SERVER_SHUTDOWN_TIMEOUT has no unit and counts as milliseconds');
  gateway.child.kill('SIGHUP');
  await gateway.logged('set up anew');

  const told = gateway
    .log()
    .split('\n')
    .filter((line) => line.includes('has no unit'));
  expect(told.map((line) => JSON.parse(line).msg)).toEqual([
    'SERVER_SHUTDOWN_TIMEOUT has no unit and counts as milliseconds; write one, such as 10s or 5m',
  ]);
});

it('an operator whose container has a variable that is misspelt is told at the start, never its value', async () => {
  const gateway = await start(newFolder().cwd, { STRIPE_CUSTOMER_COLLECTION: 'canaryOne', PATHS: 'canaryTwo' });
  await gateway.logged('did you mean STRIPE_CUSTOMERS_COLLECTION?');

  expect(times(gateway, 'did you mean')).toBe(1);
  expect(gateway.log()).not.toMatch(/canary|"file":".env"/);
});

it('an operator who starts the gateway in another folder reads that there is no .env, and not where there is one', async () => {
  const { cwd, write } = newFolder();
  const refused = async () => {
    const { ended, log } = await spawnGateway({}, { cwd });
    await ended;
    return log();
  };
  expect(await refused()).toContain('DIRECTUS_URL is required (no .env in this folder)\n');
  write('.env', 'HOST=127.0.0.1\n');
  expect(await refused()).toContain('DIRECTUS_URL is required\n');
});

describe('an operator who changes .env while the gateway serves', () => {
  it('sees that what it says counts at once', async () => {
    const { cwd, write } = newFolder();
    const { STRIPE_LIVE_SECRET_KEY: key, STRIPE_CUSTOMERS_COLLECTION: collection, ...others } = world.environment;
    const gateway = stopLater(await startGatewayProcess(others, { cwd }));
    expect(await statusOf(gateway, '/stripe/v1/customers')).toBe(404);
    write('.env', variables({ STRIPE_LIVE_SECRET_KEY: key ?? '', STRIPE_CUSTOMERS_COLLECTION: collection ?? '' }));
    await gateway.logged('set up anew');
    expect(await statusOf(gateway, '/stripe/v1/customers')).toBe(200);
    expect(gateway.log()).not.toContain('restart');
  });

  it('is told what does not count before a restart, once for each change, and the gateway stays well', async () => {
    const { cwd, write } = newFolder();
    const file = join(cwd, 'level');
    write('level', 'info');
    write('.env', variables({ SERVER_SHUTDOWN_TIMEOUT: '1s' }));
    const gateway = await start(cwd, { LOG_LEVEL_FILE: file });
    const told = 'have changed since the start: restart to let them count';

    write('.env', variables({ SERVER_SHUTDOWN_TIMEOUT: '2s' }));
    await gateway.logged('"variables":["SERVER_SHUTDOWN_TIMEOUT"]');
    write('level', 'debug');
    await gateway.logged('"variables":["LOG_LEVEL"]');
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew', 3);
    expect(times(gateway, told)).toBe(2);
    expect(await statusOf(gateway, '/server/health')).toBe(200);
  });

  it.each([
    ['one process', {}],
    ['several workers', { WORKERS: '2' }],
  ])('is told what never counts, as the process was started with another value: %s', async (_what, more) => {
    const { cwd, write } = newFolder();
    write('.env', variables({ STRIPE_CUSTOMERS_COLLECTION: 'canaryBefore', TWILIO_COLLECTION: 'canaryElsewhere' }));
    const gateway = await start(cwd, more);
    write('.env', variables({ STRIPE_CUSTOMERS_COLLECTION: 'canaryAfter', TWILIO_COLLECTION: 'canaryElsewhere' }));
    await gateway.logged('"variables":["STRIPE_CUSTOMERS_COLLECTION"]');
    gateway.child.kill('SIGHUP');
    await gateway.logged('"msg":"set up anew"', 2);

    expect(times(gateway, 'these have changed and do not count')).toBe(1);
    expect(await statusOf(gateway, '/stripe/v1/customers')).toBe(200);
    expect(gateway.log()).not.toContain('canary');
  });
});

it('a gateway.yaml that was written for a newer gateway is refused, and the version that is here is named', async () => {
  const { cwd, write } = newFolder();
  write('gateway.yaml', 'upstreams: {}\nquantum: canary\n');
  const { code, err } = await runCommand({ ...world.environment, GATEWAY_CONFIG: join(cwd, 'gateway.yaml') });

  expect(code).toBe(1);
  expect(err).toContain(`:2:10 quantum is not known to version ${version}; a newer one may know it`);
  expect(err).not.toContain('canary');
});
