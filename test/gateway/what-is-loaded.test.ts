import { describe, expect, it } from '@jest/globals';
import { type GatewayProcess, spawnGateway } from '../world/gateway-process.ts';
import { poll } from '../world/poll.ts';
import { runCommand } from '../world/run-command.ts';
import { stripeList } from '../world/stripe-list.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

/** Tells of each package at the moment when the first of its modules is loaded, by `import` or `require`. */
const tellWhatIsLoaded = `
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  const told = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? [];
      if (name !== undefined && !told.has(name)) writeSync(2, 'loads ' + name + ';\\n');
      told.add(name);
      return next(url, context);
    },
  });`;

const stopLater = useStops();
const world = await useWorld({ DIRECTUS_TOKEN: 'canaryTokenService' });
const { DIRECTUS_TOKEN, ...usual } = world.environment;

async function start(environment: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const gateway = stopLater(await spawnGateway({ ...usual, ...environment }, { before: tellWhatIsLoaded }));
  await gateway.logged('listening');
  return gateway;
}
const isTold = (told: string, name: string): boolean => told.includes(`loads ${name};`);

describe('an administrator carries in memory what is used, and nothing else', () => {
  const optional = ['@opentelemetry/sdk-trace', '@redis/client', 'pino-pretty', 'prom-client', 'stripe', 'ws'];

  it('none of what is optional in the usual set-up, with Stripe and Twilio on', async () => {
    const { log } = await start();
    expect(optional.filter((name) => isTold(log(), name))).toEqual([]);
    expect(isTold(log(), 'express')).toBe(true); // or nothing would be told at all
  });

  it.each([
    ['@redis/client', 'REDIS', 'redis://127.0.0.1:9'],
    ['@opentelemetry/sdk-trace', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9'],
    ['pino-pretty', 'LOG_STYLE', 'pretty'],
    ['prom-client', 'METRICS_ENABLED', 'true'],
    ['ws', 'DIRECTUS_TOKEN', DIRECTUS_TOKEN],
  ] as const)('%s with %s', async (name, variable, value = '') => {
    const { log } = await start({ [variable]: value });
    await poll(`${name} is loaded`, () => isTold(log(), name));
    expect(optional.filter((each) => isTold(log(), each))).toEqual([name]);
  });

  it('Stripe’s client from the first list on, and the API’s own paths need none', async () => {
    const { url, log } = await start();
    const ask = async (path: string) => (await fetch(`${url}/stripe/${path}`, { headers: as(tokens.admin) })).status;
    expect(await ask('v1/customers')).toBe(200);
    expect(isTold(log(), 'stripe')).toBe(false);
    world.stripe.answerWith(stripeList([]));
    expect(await Promise.all([ask('customers'), ask('payments')])).toEqual([200, 200]);
    await poll('it is loaded', () => isTold(log(), 'stripe'));
  });

  it('nearly nothing for --help and --version', async () => {
    const NODE_OPTIONS = `--import data:text/javascript;base64,${btoa(tellWhatIsLoaded)}`;
    for (const option of ['--help', '--version']) {
      const { code, err } = await runCommand({ NODE_OPTIONS }, option);
      expect([code, err]).toEqual([0, 'loads commander;\n']);
    }
  });
});
