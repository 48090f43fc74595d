import { once } from 'node:events';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { newUser } from '../world/new-user.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { runCommand, spawnCommand } from '../world/run-command.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as } from '../world/use-world.ts';

const everyVersion = ['10.13.4', '11.17.4', '12.4.0'] as const;
const keys = { stripe: 'canaryStripeKey0123456789', twilio: 'canaryTwilioToken0123456789' };
const account = 'AC00000000000000000000000000000001';

type Place = { directus: RunningDirectus; api: RecordingUpstream; environment: Record<string, string> };

/** A Directus in which nothing was created yet, and one upstream in place of both APIs. */
function usePlace(version: (typeof everyVersion)[number], env: Record<string, string> = {}): () => Place {
  const stopLater = useStops();
  let place: Place | undefined;
  beforeAll(async () => {
    const directus = stopLater(
      await startDirectus({ version, env: { ...quickLogin, IP_TRUST_PROXY: 'true', ...env } }),
    );
    const api = stopLater(await startRecordingUpstream());
    const environment = {
      DIRECTUS_URL: directus.url,
      STRIPE_LIVE_SECRET_KEY: keys.stripe,
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id',
      STRIPE_API_URL: api.origin,
      TWILIO_ACCOUNT_SID: account,
      TWILIO_AUTH_TOKEN: keys.twilio,
      TWILIO_COLLECTION: 'messages',
      TWILIO_API_URL: api.origin,
    };
    place = { directus, api, environment };
  }, installationMs);
  return () => {
    if (place === undefined) throw new Error('Directus has not started.');
    return place;
  };
}

const tokenIn = (out: string): string => /^DIRECTUS_TOKEN=(\S+)$/m.exec(out)?.[1] ?? '';
const reportSchema = z.object({ ok: z.boolean(), checks: z.array(z.object({ name: z.string(), status: z.string() })) });
const statuses = (out: string) =>
  new Map(reportSchema.parse(JSON.parse(out)).checks.map(({ name, status }) => [name, status]));

describe.each(everyVersion)('on a new Directus %s, an administrator', (version) => {
  const place = usePlace(version);
  const hasPolicies = version !== '10.13.4';
  let serviceToken = '';

  it('sees what would be created, and nothing is until they agree', async () => {
    const { directus, environment } = place();
    const dry = await runCommand(environment, 'init', '--token', directus.adminToken, '--dry-run');
    const unasked = await runCommand(environment, 'init', '--token', directus.adminToken);

    expect([dry.code, unasked.code]).toEqual([0, 1]);
    expect(dry.out).toContain('create  collection messages');
    expect(unasked.out).toContain('run the same command with --yes');
    expect(await namesOf(directus)).toEqual([]);
  });

  it('has it created, each line reported, and the token of the gateway’s user printed once', async () => {
    const { directus, environment } = place();
    const words = ['init', '--token', directus.adminToken, '--yes', ...(hasPolicies ? ['--service-user'] : [])];
    const { code, out, err } = await runCommand(environment, ...words);
    serviceToken = hasPolicies ? tokenIn(out) : directus.adminToken;

    expect([code, err]).toEqual([0, '']);
    expect(out.match(/^ {2}created .*$/gm)?.length).toBe(hasPolicies ? 8 : 3);
    expect(await namesOf(directus)).toEqual(['customers', 'gateway', 'messages']);
    if (hasPolicies) expect(serviceToken.length).toBeGreaterThan(40);
  });

  it('runs it again, and nothing is left to do', async () => {
    const { directus, environment } = place();
    const words = [
      'init',
      '--token',
      directus.adminToken,
      '--json',
      '--yes',
      ...(hasPolicies ? ['--service-user'] : []),
    ];
    const { code, out } = await runCommand(environment, ...words);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ directus: version, create: [], created: [], left: [] });
    expect(JSON.parse(out)).not.toHaveProperty('serviceToken');
  });

  it('is told by check that everything works', async () => {
    const { directus, environment } = place();
    const more = { DIRECTUS_TOKEN: serviceToken, DIRECTUS_ADMIN_TOKEN: directus.adminToken };
    const { code, out } = await runCommand({ ...environment, ...more }, 'check', '--json');

    expect(code).toBe(0);
    expect(Object.fromEntries(statuses(out))).toEqual({
      reachable: 'ok',
      version: 'ok',
      DIRECTUS_TOKEN: 'ok',
      feed: 'ok',
      'forwarded address': hasPolicies ? 'ok' : 'off',
      customers: 'ok',
      messages: 'ok',
      optional: 'off',
      upstream: 'ok',
      credential: 'ok',
    });
    expect(out).not.toMatch(/canary/);
    expect(out).not.toContain(serviceToken);
  });

  it('ticks one permission, and a request of a user goes through that was refused before', async () => {
    const { directus, api, environment } = place();
    const gateway = await startGateway({ ...environment, DIRECTUS_TOKEN: serviceToken, PERMISSIONS_TTL: '1ms' });
    try {
      const { holder, user } = await newHolder(directus, hasPolicies);
      const send = () =>
        fetch(`${gateway.url}/twilio/2010-04-01/Accounts/${account}/Messages.json`, {
          method: 'POST',
          headers: { ...as(user.token), 'Content-Type': 'application/json' },
          body: JSON.stringify({ To: '+15005550006', Body: 'Hello' }),
        });
      api.reset();
      const before = await send();
      const tick = { ...holder, collection: 'messages', action: 'create', permissions: {}, fields: ['*'] };
      await callDirectus(directus, 'POST', '/permissions', tick);
      const after = await send();

      expect([before.status, after.status]).toEqual([403, 200]);
      expect(api.seen.map(({ body }) => body)).toEqual(['To=%2B15005550006&Body=Hello']);
    } finally {
      await gateway.stop();
    }
  });
});

describe.each(['11.17.4', '12.4.0'] as const)('on a Directus %s that trusts no proxy, an operator', (version) => {
  const place = usePlace(version, { IP_TRUST_PROXY: 'false' });

  it('is told by check that the address of callers does not arrive, and that policies rest on it', async () => {
    const { directus, environment } = place();
    const { out } = await runCommand(environment, 'init', '--token', directus.adminToken, '--yes', '--service-user');
    const withToken = { ...environment, DIRECTUS_TOKEN: tokenIn(out) };
    const harmless = await runCommand(withToken, 'check', '--json');
    await createInDirectus(directus, '/policies', { name: 'office', ip_access: ['203.0.113.7'] });
    const harmful = await runCommand(withToken, 'check');

    expect([harmless.code, statuses(harmless.out).get('forwarded address')]).toEqual([0, 'warn']);
    expect(harmful.code).toBe(1);
    expect(harmful.out).toMatch(/^fault {2}directus +forwarded address +Directus does not trust .*office$/m);
  });

  it('is told that it cannot be told, with the token of an administrator', async () => {
    const { directus, environment } = place();
    const { out } = await runCommand({ ...environment, DIRECTUS_TOKEN: directus.adminToken }, 'check');

    expect(out).toMatch(/^warn +directus +forwarded address +not told/m);
  });
});

describe('on a Directus 12.4.0 without a licence, an administrator', () => {
  const place = usePlace('12.4.0');

  it('hears what was not created for want of room, makes room, and goes on', async () => {
    const { directus, environment } = place();
    const names = Array.from({ length: 24 }, (_, index) => `other_${index}`);
    for (const collection of names)
      await callDirectus(directus, 'POST', '/collections', { collection, schema: {}, meta: {} });
    const command = ['init', '--token', directus.adminToken, '--yes'];
    const full = await runCommand(environment, ...command);
    await callDirectus(directus, 'DELETE', '/collections/other_0');
    const again = await runCommand(environment, ...command);

    expect(full.code).toBe(1);
    expect(full.out).toContain('created collection customers');
    expect(full.err).toMatch(/failed {2}collection messages: collections limit exceeded/);
    expect(full.err).toContain('left    policy Gateway: stripe');
    expect(again.code).toBe(0);
    expect(again.out).toContain('exists  collection customers');
    expect(again.out).toContain('created collection messages');
  });
});

describe('on a Directus 11.17.4, an administrator whose terminal is gone halfway', () => {
  const place = usePlace('11.17.4');

  it('runs it again, and everything is there once', async () => {
    const { directus, environment } = place();
    const words = ['init', '--token', directus.adminToken, '--yes'];
    await killedAtFirstLine(environment, 'created collection customers', ...words);
    const halfway = await namesOf(directus);
    const { code, out } = await runCommand(environment, ...words);
    const policies = await callDirectus(directus, 'GET', '/policies?filter[name][_starts_with]=Gateway&fields=name');

    expect(halfway).toContain('customers');
    expect(code).toBe(0);
    expect(out).toContain('exists  collection customers');
    expect(await namesOf(directus)).toEqual(['customers', 'gateway', 'messages']);
    expect(policies).toHaveLength(4);
  });
});

describe('on a Directus 11.17.4, an administrator who reads the first lines only, as head does', () => {
  const place = usePlace('11.17.4');

  it.each([
    ['only the plan', ['--dry-run'], 0, []],
    ['everything, and the token of the user is told to be lost, not told', ['--yes', '--service-user'], 1, undefined],
  ])('gets %s', async (_what, more, code, names) => {
    const { directus, environment } = place();
    const ran = await leftAtOnce(environment, 'init', '--token', directus.adminToken, ...more);

    expect(ran.code).toBe(code);
    expect(ran.err).toMatch(code === 0 ? /^$/ : /^The token of the new user could not be shown: [^\n]*\n$/);
    expect(await namesOf(directus)).toEqual(names ?? ['customers', 'gateway', 'messages']);
  });
});

describe('on a Directus 11.17.4 with customers of its own, an administrator', () => {
  const place = usePlace('11.17.4');

  it('has only the missing field added, and the rows stay', async () => {
    const { directus, environment } = place();
    const fields = [{ field: 'name', type: 'string', meta: {}, schema: {} }];
    const meta = { note: 'Ours', icon: 'face' };
    await callDirectus(directus, 'POST', '/collections', { collection: 'customers', schema: {}, meta, fields });
    await callDirectus(directus, 'POST', '/items/customers', { name: 'Grace' });
    const { code, out } = await runCommand(environment, 'init', '--token', directus.adminToken, '--yes');

    expect(code).toBe(0);
    expect(out).toContain('created field customers.stripe_customer_id');
    expect(await callDirectus(directus, 'GET', '/collections/customers')).toMatchObject({ meta });
    expect(await callDirectus(directus, 'GET', '/items/customers')).toEqual([
      { id: 1, name: 'Grace', stripe_customer_id: null },
    ]);
  });

  it('cannot do it with the token of a user who is none, and is told so', async () => {
    const { directus, environment } = place();
    const user = await newUser(directus, {});
    const { code, out, err } = await runCommand(environment, 'init', '--token', user.token, '--yes');

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('not an administrator');
    expect(err).not.toContain(user.token);
  });
});

/** Runs a command and kills it as soon as it has printed this. */
async function killedAtFirstLine(environment: Record<string, string>, line: string, ...words: string[]): Promise<void> {
  const child = spawnCommand(environment, ...words);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    if (out.includes(line)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
}

/** Runs a command whose output nobody takes. */
async function leftAtOnce(environment: Record<string, string>, ...words: string[]) {
  const child = spawnCommand(environment, ...words);
  let err = '';
  child.stdout.destroy();
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  await once(child, 'close');
  return { code: child.exitCode, err };
}

const collections = z.array(z.object({ collection: z.string() }));

async function namesOf(directus: RunningDirectus): Promise<string[]> {
  const all = collections.parse(await callDirectus(directus, 'GET', '/collections'));
  return all
    .map(({ collection }) => collection)
    .filter((name) => !name.startsWith('directus_'))
    .sort();
}

/** A user, and what holds their permissions: the policy that init made, or a role where there are no policies. */
async function newHolder(directus: RunningDirectus, hasPolicies: boolean) {
  if (!hasPolicies) {
    const role = await createInDirectus(directus, '/roles', {
      name: 'texters',
      admin_access: false,
      app_access: false,
    });
    return { holder: { role }, user: await newUser(directus, { role }) };
  }
  const found = await callDirectus(directus, 'GET', '/policies?filter[name][_eq]=Gateway: twilio&fields=id');
  const [{ id: policy } = { id: '' }] = z.array(z.object({ id: z.string() })).parse(found);
  return { holder: { policy }, user: await newUser(directus, { policies: [{ policy }] }) };
}
