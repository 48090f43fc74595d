import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus } from '../../demo/directus/call.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { auditFields } from '../../src/audit/audit-item.ts';
import { sendItemsTo } from '../../src/audit/send-items.ts';
import { readPage } from '../docs/read-page.ts';
import { auditItem } from '../unit/audit/audit-items.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { poll } from '../world/poll.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { runCommand } from '../world/run-command.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { loggedItems, quickAudit } from '../world/use-audit.ts';
import { useStops } from '../world/use-stops.ts';
import { as } from '../world/use-world.ts';
import { portOf } from '../world/verdict.ts';

const collection = 'api_writes';
const itemList = z.array(z.looseObject({ id: z.uuid(), path: z.string(), request_id: z.string().nullable() }));
const run = promisify(execFile);
const hasJq = await run('jq', ['--version']).then(
  () => true,
  () => false,
);
const [comparing] = readPage('docs/audit.md').filter(({ text }) => text.includes('comm -23'));
const report = z.object({ checks: z.array(z.object({ subject: z.string(), name: z.string(), status: z.string() })) });

describe.each(['10.13.4', '11.17.4', '12.4.0'] as const)('in a real Directus %s, an administrator', (version) => {
  const hasPolicies = version !== '10.13.4';
  const stopLater = useStops();
  let folder: string;
  let directus: RunningDirectus;
  let stripe: RecordingUpstream;
  let gateway: RunningGateway;
  let environment: Record<string, string>;

  const begin = (port?: number) =>
    startDirectus({
      version,
      folder,
      env: { ...quickLogin, IP_TRUST_PROXY: 'true' },
      ...(port !== undefined && { port }),
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'directus-'));
    stopLater({ stop: () => rm(folder, { recursive: true }) });
    directus = stopLater(await begin());
    stripe = stopLater(await startRecordingUpstream());
    environment = {
      DIRECTUS_URL: directus.url,
      DIRECTUS_TOKEN: directus.adminToken, // until there is another
      STRIPE_LIVE_SECRET_KEY: 'canaryStripeKey0123456789',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: stripe.origin,
      RATE_LIMITER_ENABLED: 'false',
    };
  }, installationMs);

  const init = (...words: string[]) =>
    runCommand(environment, 'init', '--token', directus.adminToken, '--yes', ...words);
  const items = async () =>
    itemList.parse(await callDirectus(directus, 'GET', `/items/${collection}?sort=time&limit=-1`));
  const auditChecks = async () => {
    const { out } = await runCommand(environment, 'check', '--json', '--token', directus.adminToken);
    const found = report.parse(JSON.parse(out)).checks.filter(({ subject }) => subject === 'audit');
    return found.map(({ name, status }) => `${name} ${status}`);
  };
  const write = async (key: string) => {
    const address = `${gateway.url}/stripe/v1/customers/${key}?canary=canary`;
    const headers = { ...as(directus.adminToken), 'Content-Type': 'application/x-www-form-urlencoded' };
    return (await fetch(address, { method: 'POST', headers, body: 'name=canary' })).status;
  };
  const isNoted = (key: string) =>
    poll(`${key} is noted`, async () => (await items()).some(({ path }) => path === `/v1/customers/${key}`), 30_000);

  it('has the collection and the right to write to it created, and check tells of both', async () => {
    const first = await init(...(hasPolicies ? ['--service-user'] : []));
    const [, serviceToken = directus.adminToken] = /^DIRECTUS_TOKEN=(\S+)$/m.exec(first.out) ?? [];
    environment = { ...environment, DIRECTUS_TOKEN: serviceToken, AUDIT_COLLECTION: collection };
    const before = await auditChecks();
    const second = await init();
    const third = await init();

    expect(before).toEqual([`permission ${hasPolicies ? 'fault' : 'ok'}`, `${collection} fault`]);
    expect(second.out).toContain(`created collection ${collection}`);
    if (hasPolicies) {
      expect(second.out).toContain(`created permission to create items of ${collection} in the policy Gateway service`);
    }
    expect(third.out).toContain('Everything is there.');
    expect(await auditChecks()).toEqual(['permission ok', `${collection} ok`]);
  });

  it('finds the write of a user there, whole, and nothing of it in Directus’ own activity', async () => {
    gateway = stopLater(await startGateway(environment, { auditLimits: quickAudit }));
    stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Request-Id': 'req_1' }).end('{"id":"cus_1"}');
    });
    const key = `cus_${'x'.repeat(300)}`; // longer than a field of type string
    expect(await write(key)).toBe(200);
    await isNoted(key);
    const [item] = await items();

    expect(Object.keys(item ?? {}).sort()).toEqual(['id', ...auditFields.map(({ name }) => name)].sort());
    expect(item).toMatchObject({
      user: z.object({ id: z.string() }).parse(await callDirectus(directus, 'GET', '/users/me')).id,
      share: null,
      upstream: 'stripe',
      method: 'POST',
      action: 'create',
      collection: 'customers',
      status: 200,
      code: null,
      upstream_id: 'cus_1',
      upstream_request_id: 'req_1',
    });
    expect(Math.abs(Date.parse(String(item?.time)) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(item)).not.toContain('canary');
    const activity = `/activity?filter[collection][_eq]=${collection}&limit=-1`;
    expect(await callDirectus(directus, 'GET', activity)).toEqual([]);
  });

  it('finds an item once that was sent twice, and with new ones in the same batch', async () => {
    const send = sendItemsTo(collection, {
      url: directus.url,
      token: environment.DIRECTUS_TOKEN ?? '',
      timeoutMs: 9_000,
    });
    const [one, other] = [auditItem(randomUUID()), auditItem(randomUUID())];
    const before = (await items()).length;

    expect(await send([one])).toEqual({ kind: 'written' });
    expect(await send([one])).toEqual({ kind: 'known' });
    expect(await send([other, one])).toEqual({ kind: 'known' });
    expect((await items()).length - before).toBe(1); // all of a batch, or none
    expect(await send([other])).toEqual({ kind: 'written' });
  });

  it('finds writes that ended while Directus was down, each once', async () => {
    const released = Promise.withResolvers<void>();
    stripe.reset();
    stripe.answerWith(async (_request, response) => {
      await released.promise;
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"id":"cus_2"}');
    });
    const keys = Array.from({ length: 20 }, (_, key) => `cus_down${key}`);
    const answers = Promise.all(keys.map(write));
    await stripe.arrived(keys.length);
    await directus.stop();
    released.resolve();
    expect(new Set(await answers)).toEqual(new Set([200]));
    await poll('it was tried in vain', () => gateway.logs().includes('Directus takes no audit items'));
    directus = stopLater(await begin(portOf(directus.url)));
    for (const key of keys) await isNoted(key);

    const noted = (await items()).map(({ path }) => path).filter((path) => path.includes('cus_down'));
    expect(noted.sort()).toEqual(keys.map((key) => `/v1/customers/${key}`).sort());
    expect(loggedItems(gateway.logs())).toEqual([]);
  }, 120_000);

  it('finds what Directus refuses in the log, the rest of the batch in the collection, and requests go on', async () => {
    stripe.reset();
    const validation = { path: { _neq: '/v1/customers/cus_bad' } };
    await callDirectus(directus, 'PATCH', `/fields/${collection}/path`, { meta: { validation } });
    await poll('Directus lets somebody in', async () => (await write('cus_3')) === 200);
    const statuses = await Promise.all(['cus_4', 'cus_bad', 'cus_5'].map(write));
    for (const key of ['cus_4', 'cus_5']) await isNoted(key);
    await poll('one is logged', () => loggedItems(gateway.logs()).length > 0);

    expect(statuses).toEqual([200, 200, 200]);
    expect(loggedItems(gateway.logs())).toMatchObject([
      { level: 50, reason: 'refused', code: 'FAILED_VALIDATION', item: { path: '/v1/customers/cus_bad', status: 200 } },
    ]);
  });

  it('is told by check of a field that is not there, which Directus leaves out silently, and init adds it', async () => {
    await callDirectus(directus, 'DELETE', `/fields/${collection}/code`);
    await poll('Directus lets somebody in', async () => (await write('cus_6')) === 200);
    await isNoted('cus_6');

    expect(await auditChecks()).toEqual(['permission ok', `${collection} fault`]);
    expect((await init()).out).toContain(`created field ${collection}.code`);
    expect(await auditChecks()).toEqual(['permission ok', `${collection} ok`]);
  });

  (hasJq ? it : it.skip)('finds by the lines of docs/audit.md which write has no item, and is in no log', async () => {
    const [lost] = (await items()).filter(({ path }) => path === '/v1/customers/cus_5');
    await callDirectus(directus, 'DELETE', `/items/${collection}/${lost?.id}`);
    await writeFile(join(folder, 'gateway.log'), `no JSON\n${gateway.logs()}`);
    const env = {
      PATH: process.env.PATH,
      DIRECTUS: directus.url,
      ADMIN_TOKEN: directus.adminToken,
      SINCE: new Date(0).toISOString(),
    };
    const { stdout } = await run('sh', ['-ec', comparing?.text ?? ''], { cwd: folder, env });

    expect(stdout).toBe(`${lost?.request_id}\n`);
  });

  if (hasPolicies) {
    it('finds that the gateway’s own user can neither read, change nor delete items', async () => {
      const service = { url: directus.url, adminToken: environment.DIRECTUS_TOKEN ?? '' };
      const [item] = await items();
      for (const [method, path, body] of [
        ['GET', `/items/${collection}`, undefined],
        ['PATCH', `/items/${collection}/${item?.id}`, { status: 1 }],
        ['DELETE', `/items/${collection}/${item?.id}`, undefined],
      ] as const) {
        await expect(callDirectus(service, method, path, body)).rejects.toThrow(/ with 403: /);
      }
    });

    it('withdraws the right to write there, finds writes in the log, and requests go on', async () => {
      const found = await callDirectus(directus, 'GET', `/permissions?filter[collection][_eq]=${collection}&fields=id`);
      const [permission] = z.array(z.object({ id: z.number() })).parse(found);
      await callDirectus(directus, 'DELETE', `/permissions/${permission?.id}`);
      const before = loggedItems(gateway.logs()).length;
      expect(await write('cus_5')).toBe(200);
      await poll('it is logged', () => loggedItems(gateway.logs()).length > before);

      expect(loggedItems(gateway.logs()).at(-1)).toMatchObject({
        reason: 'refused',
        code: 'FORBIDDEN',
        item: { path: '/v1/customers/cus_5', status: 200, action: 'create' },
      });
      expect(await auditChecks()).toEqual(['permission fault', `${collection} ok`]);
      expect(gateway.logs()).not.toContain(environment.DIRECTUS_TOKEN);
    });
  }
});
