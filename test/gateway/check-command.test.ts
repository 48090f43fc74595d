import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { json, refuse } from '../world/answers.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { runCommand } from '../world/run-command.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const { directus, stripe, twilio } = world;
const withToken: Record<string, string> = { ...world.environment, DIRECTUS_TOKEN: directus.service.token };
const check = (environment: Record<string, string>, ...words: string[]) => runCommand(environment, 'check', ...words);

const report = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      subject: z.string(),
      name: z.string(),
      status: z.enum(['ok', 'warn', 'fault', 'off']),
      message: z.string(),
      advice: z.string().optional(),
    }),
  ),
});

/** What is said of one thing, as `status: message`. */
async function said(environment: Record<string, string>, subject: string, name: string) {
  const { code, out, err } = await check(environment, '--json');
  expect(err).toBe('');
  const { ok, checks } = report.parse(JSON.parse(out));
  expect(code).toBe(ok ? 0 : 1);
  const found = checks.find((each) => each.subject === subject && each.name === name);
  return `${found?.status}: ${found?.message}`;
}

describe('an operator asks directus-gateway check', () => {
  it('and is told line by line what works, with exit code 0 and without a secret', async () => {
    const { code, out, err } = await check(withToken);

    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ok {5}directus +reachable +answers at/m);
    expect(out).toMatch(/^ok {5}directus +version +11\.17\.4$/m);
    expect(out).toMatch(/^ok {5}directus +DIRECTUS_TOKEN +accepted/m);
    expect(out).toMatch(/^ok {5}directus +feed +changes are heard of at once \(6 collections\)$/m);
    expect(out).toMatch(/^ok {5}stripe +credential +accepted \(GET \/v1\/customers\?limit=1\)$/m);
    expect(out).toMatch(
      /^ok {5}stripe +upstream +on, http:\S+, \d+ rules, collection customers and \d+ optional ones$/m,
    );
    expect(out).toMatch(/^warn {3}directus +forwarded address +not told with this DIRECTUS_TOKEN/m);
    expect(out).not.toMatch(/canary/);
    expect(out).not.toContain('\u001b');
  });

  it('and each API is asked once, for something harmless, with its own credential', async () => {
    await check(withToken);

    expect(stripe.seen.map(({ method, target }) => [method, target])).toEqual([['GET', '/v1/customers?limit=1']]);
    expect(stripe.seen[0]?.headers.authorization).toBe(`Bearer ${secrets.stripeKey}`);
    expect(twilio.seen.map(({ method, target }) => [method, target])).toEqual([
      ['GET', `/2010-04-01/Accounts/${accountSid}/Messages.json?PageSize=1`],
    ]);
    expect(directus.asked.filter(({ path }) => path.includes('canary'))).toEqual([]);
  });

  it('and is told of a number without a unit, and what it counts as', async () => {
    const withNumber = { ...withToken, PERMISSIONS_TTL: '30' };
    expect(await said(withNumber, 'set-up', 'PERMISSIONS_TTL')).toBe('warn: it has no unit and counts as milliseconds');
  });

  it('and is told of a variable that is misspelt, never its value, and of none that is somebody else’s', async () => {
    const misspelt = { ...withToken, STRIPE_CUSTOMER_COLLECTION: 'canaryValue', DIRECTUS_PORT: 'tcp://10.0.0.1:8055' };
    expect(await said(misspelt, 'set-up', 'STRIPE_CUSTOMER_COLLECTION')).toBe('warn: nothing reads it');
    const { code, out } = await check(misspelt);
    expect(code).toBe(0);
    expect(out).toContain('Did you mean STRIPE_CUSTOMERS_COLLECTION?');
    expect(out.match(/did you mean/gi)).toHaveLength(1);
    expect(out).not.toContain('canary');
  });

  it('and sees what is off, and for want of which variable', async () => {
    const withoutStripe = { ...withToken, STRIPE_LIVE_SECRET_KEY: '' };

    expect(await said(withoutStripe, 'stripe', 'upstream')).toBe('off: no STRIPE_LIVE_SECRET_KEY');
    expect(stripe.seen).toEqual([]);
  });

  it.each([
    [401, 'fault: refused with 401 (GET /v1/customers?limit=1)'],
    [403, 'warn: not allowed to GET /v1/customers?limit=1 (403)'],
    [302, 'warn: not told: ORIGIN answered GET /v1/customers?limit=1 with 302'],
    [500, 'warn: not told: ORIGIN answered GET /v1/customers?limit=1 with 500'],
  ])('and is told of a credential that is answered with %i, nothing of the answer itself', async (status, words) => {
    const location = `${twilio.origin}/elsewhere`;
    stripe.answerWith((request, response) =>
      response.writeHead(status, { Location: location }).end(`quoted: ${request.headers.authorization}`),
    );

    expect(await said(withToken, 'stripe', 'credential')).toBe(words.replace('ORIGIN', stripe.origin));
    expect(twilio.seen.some(({ target }) => target === '/elsewhere')).toBe(false);
  });

  it('and is told of an API that cannot be reached', async () => {
    const { origin, stop } = await startRecordingUpstream();
    await stop();

    expect(await said({ ...withToken, STRIPE_API_URL: origin }, 'stripe', 'credential')).toBe(
      `fault: ${origin} cannot be reached: ECONNREFUSED`,
    );
  });

  it('and is told of a Directus that is not there, and of the APIs all the same', async () => {
    const nowhere = { ...withToken, DIRECTUS_URL: twilio.origin };

    expect(await said(nowhere, 'directus', 'reachable')).toBe(`fault: nothing answers as Directus at ${twilio.origin}`);
    expect(stripe.seen).toHaveLength(1);
  });

  it('and is told of a service token that Directus does not know', async () => {
    const unknown = { ...withToken, DIRECTUS_TOKEN: 'canaryTokenUnknown' };

    expect(await said(unknown, 'directus', 'DIRECTUS_TOKEN')).toBe(
      'fault: Invalid user credentials (INVALID_CREDENTIALS)',
    );
  });

  it('and is told of a service token that does not read what decides', async () => {
    const powerless = { ...withToken, DIRECTUS_TOKEN: tokens.reader };

    expect(await said(powerless, 'directus', 'DIRECTUS_TOKEN')).toMatch(
      /^fault: accepted, and does not read all of directus_permissions, /,
    );
  });

  it('and is told that nobody listens to changes where there is no service token', async () => {
    expect(await said(world.environment, 'directus', 'DIRECTUS_TOKEN')).toMatch(/^off: not set/);
    expect(await said(world.environment, 'collections', 'collections')).toBe(
      'warn: not told without a token: customers, messages',
    );
  });

  it('and is told of a feed that Directus does not open', async () => {
    await directusWithoutFeed(async () => {
      expect(await said(withToken, 'directus', 'feed')).toMatch(/^fault: the WebSocket was refused: .*503/);
    });
  });

  it('and sees with an administrator’s token whether the collections are there', async () => {
    directus.answerWith((request, response) => {
      const path = request.url?.split('?')[0];
      if (request.headers.authorization !== 'Bearer canaryTokenOfAnAdmin') {
        return directus.answerAsDirectus(request, response);
      }
      if (path === '/users/me') return json(response, 200, { data: { id: 'admin' } });
      if (path === '/policies/me/globals') return json(response, 200, { data: { admin_access: true } });
      if (path === '/collections') return json(response, 200, { data: [{ collection: 'customers', schema: {} }] });
      if (path === '/fields') return json(response, 200, { data: [{ collection: 'customers', field: 'id' }] });
      refuse(response, 404, 'ROUTE_NOT_FOUND', 'No.');
    });
    const asAdmin = { ...withToken, DIRECTUS_ADMIN_TOKEN: 'canaryTokenOfAnAdmin' };

    expect(await said(asAdmin, 'collections', 'customers')).toBe('ok: is there');
    expect(await said(asAdmin, 'collections', 'messages')).toBe('fault: is not in Directus');
    expect(await said({ ...asAdmin, STRIPE_CUSTOMER_ID_FIELD: 'cus' }, 'collections', 'customers')).toBe(
      'fault: its field cus is not in Directus',
    );
    expect((await check(asAdmin)).out).not.toMatch(/canary/);
  });

  it('and is told every fault of a set-up that cannot be started, in either form', async () => {
    const faulty = { DIRECTUS_URL: 'canaryUrl', STRIPE_LIVE_SECRET_KEY: 'sk_canary' };
    const { code, out } = await check(faulty, '--json');
    const plain = await check(faulty);

    expect([code, plain.code, plain.out]).toEqual([1, 1, '']);
    expect(report.parse(JSON.parse(out))).toMatchObject({
      ok: false,
      checks: [
        { subject: 'set-up', name: 'DIRECTUS_URL', status: 'fault' },
        { subject: 'set-up', name: 'STRIPE_CUSTOMERS_COLLECTION', status: 'fault' },
      ],
    });
    expect(plain.err).toContain('STRIPE_CUSTOMERS_COLLECTION is required');
    expect(out + plain.err).not.toMatch(/canary/);
  });
});

async function directusWithoutFeed(act: () => Promise<void>): Promise<void> {
  directus.feed.close();
  await act().finally(() => directus.feed.letIn());
}
