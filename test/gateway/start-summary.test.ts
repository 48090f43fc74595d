import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { version } from '../../src/version.ts';
import { type GatewayProcess, spawnGateway } from '../world/gateway-process.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';

const stopLater = useStops();
const folder = mkdtempSync(join(tmpdir(), 'gateway-summary-'));
const world = await useWorld();
beforeAll(() =>
  writeFileSync(
    join(folder, 'gateway.yaml'),
    `upstreams:
  shop:
    origin: ${world.stripe.origin}
    plaintext: loopback
    credential: { bearer: "\${SHOP_KEY}" }
    rules:
      - { methods: [GET], path: /a, collection: goods, budget: { points: 3, per: 1h } }
      - { path: /*, deny: closed }
`,
  ),
);
afterAll(() => rmSync(folder, { recursive: true }));

const { TWILIO_AUTH_TOKEN: _secret, TWILIO_ACCOUNT_SID: _sid, TWILIO_COLLECTION: _of, ...usual } = world.environment;
const everything = {
  ...usual,
  SHOP_KEY: 'canaryShopKey0',
  DIRECTUS_TOKEN: world.directus.service.token,
  METRICS_ENABLED: 'true',
  METRICS_TOKENS: 'canaryMetricsToken',
  AUDIT_COLLECTION: 'audit_log',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9/canaryPath',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-key=canaryOfCollector',
  REDIS: 'redis://user:canaryRedisPassword@127.0.0.1:9',
  RATE_LIMITER_ENABLED: 'true',
  CORS_ENABLED: 'true',
  CORS_ORIGIN: 'https://app.test',
  PUBLIC_URL: 'https://gateway.test/api',
  FRONT_DOOR: 'true',
  API_PAGE_ENABLED: 'false',
};
const start = async (environment: Readonly<Record<string, string>>): Promise<GatewayProcess> => {
  const gateway = stopLater(await spawnGateway(environment, { cwd: folder }));
  await gateway.logged('operation');
  return gateway;
};

const names = ['upstreams', 'permissions', 'limits', 'browser', 'operation'];
type Line = Readonly<Record<string, unknown>>;
const linesOf = ({ log }: GatewayProcess): Line[] =>
  log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => JSON.parse(line));

describe('an operator who starts the gateway reads what is on, and what is off and why', () => {
  it('as one line of JSON for each side of it, where no person reads along', async () => {
    const gateway = await start({ ...usual, SHOP_KEY: 'canaryShopKey0' });
    const told = linesOf(gateway).filter(({ msg }) => names.includes(String(msg)));

    expect(told.map(({ msg }) => msg)).toEqual(names);
    expect(told).toMatchObject([
      {
        upstreams: {
          stripe: { origin: world.stripe.origin, collections: ['customers'], rules: expect.any(Number) },
          shop: { origin: world.stripe.origin, collections: ['goods'], optionalCollections: 0, rules: 2 },
          twilio: { off: 'no TWILIO_ACCOUNT_SID' },
        },
      },
      { directus: world.directus.url, rememberedMs: 10_000, changes: 'off: no DIRECTUS_TOKEN' },
      { rates: 'off: RATE_LIMITER_ENABLED is false', budgets: { rules: 1, countedIn: 'memory' } },
      {
        cors: 'off: CORS_ENABLED is false',
        frontDoor: 'off: FRONT_DOOR is false',
        apiPage: '/gateway/',
        cookie: 'directus_session_token',
      },
      {
        version,
        metrics: 'off: METRICS_ENABLED is false',
        tracing: 'off: no OTEL_EXPORTER_OTLP_ENDPOINT',
        audit: 'off: no AUDIT_COLLECTION',
        workers: 1,
        logLevel: 'info',
        logStyle: 'raw',
      },
    ]);
    expect(gateway.log()).not.toContain('canary');
  });

  it('with everything on, and no secret', async () => {
    const gateway = await start(everything);
    const told = linesOf(gateway).filter(({ msg }) => names.includes(String(msg)));

    expect(told.slice(1)).toMatchObject([
      { rememberedMs: 300_000, changes: 'on' },
      { rates: { points: 50, seconds: 1, countedIn: 'memory' }, budgets: { rules: 1, countedIn: 'Redis' } },
      {
        cors: 'https://app.test',
        frontDoor: 'on',
        apiPage: 'off: API_PAGE_ENABLED is false',
        writesFrom: 'https://gateway.test',
      },
      { metrics: 'on, for METRICS_TOKENS', tracing: 'http://127.0.0.1:9', audit: 'audit_log' },
    ]);
    expect(gateway.log()).not.toContain('canary');
  });

  it('as five lines of text in a terminal', async () => {
    const gateway = await start({ ...usual, SHOP_KEY: 'canaryShopKey0', LOG_STYLE: 'pretty' });
    const plain = gateway.log().replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
    const told = plain.split('\n').flatMap((line) => {
      const [, name = '', text = ''] = /INFO: (\w+): +(.*)$/.exec(line) ?? [];
      return names.includes(name) ? [[name, text]] : [];
    });

    expect(told.map(([name]) => name)).toEqual(names);
    const [upstreams, permissions, limits, browser, operation] = told.map(([, text]) => text);
    expect(upstreams).toContain(`shop at ${world.stripe.origin} by goods, 2 rules`);
    expect(upstreams).toMatch(/stripe at \S+ by customers and \d+ optional collections?, \d+ rules/);
    expect(upstreams).toContain('twilio off (no TWILIO_ACCOUNT_SID)');
    expect(permissions).toContain('remembered for 10 s; changes are not heard of at once (no DIRECTUS_TOKEN)');
    expect(limits).toBe('no rates (RATE_LIMITER_ENABLED is false); budgets of 1 rule (memory)');
    expect(browser).toContain(
      'no CORS (CORS_ENABLED is false); no front door (FRONT_DOOR is false); API page at /gateway/',
    );
    expect(operation).toContain(`directus-gateway ${version}`);
    expect(plain).not.toContain('canary');
  });

  it('and each request is one line there', async () => {
    const gateway = await start({ ...usual, SHOP_KEY: 'canaryShopKey0', LOG_STYLE: 'pretty' });
    const before = gateway.log();
    await fetch(`${gateway.url}/shop/a`);
    await gateway.logged('/shop/a');
    const lines = gateway.log().slice(before.length).trimEnd().split('\n');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"status":401');
  });

  it('and where spans go and that there is no API page, by name and no more', async () => {
    const { METRICS_ENABLED: _metrics, ...others } = everything;
    const gateway = await start({ ...others, LOG_STYLE: 'pretty' });

    expect(gateway.log()).toContain('no API page (API_PAGE_ENABLED is false)');
    expect(gateway.log()).toContain('spans to http://127.0.0.1:9;');
    expect(gateway.log()).not.toContain('canary');
  });

  it('once, also with several workers', async () => {
    const gateway = await start({ ...everything, WORKERS: '2' });
    const told = linesOf(gateway).filter(({ msg }) => [...names, 'listening'].includes(String(msg)));

    expect(told.map(({ msg, worker }) => [msg, worker])).toEqual(
      ['listening', ...names].map((name) => [name, undefined]),
    );
    expect(told.at(-1)).toMatchObject({ workers: 2 });
    expect(told[3]).toMatchObject({ rates: { countedIn: 'memory of the first process, for all workers' } });
    expect(gateway.log()).not.toContain('canary');
  });
});

it('how long answers are remembered is told as it is set', async () => {
  const remembered = async (more: Readonly<Record<string, string>>) =>
    linesOf(await start({ ...usual, SHOP_KEY: 'x', ...more })).find(({ msg }) => msg === 'permissions')?.rememberedMs;
  expect(await remembered({ PERMISSIONS_TTL: '2m' })).toBe(120_000);
  expect(await remembered({ PERMISSIONS_TTL: '0' })).toBe(0);
});
