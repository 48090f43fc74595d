import { afterEach, describe, expect, it } from '@jest/globals';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { json } from '../world/answers.ts';
import { ask } from '../world/dial.ts';
import { newUser } from '../world/new-user.ts';
import { type Answer, startRecordingUpstream } from '../world/recording-upstream.ts';
import { items, stripeList } from '../world/stripe-list.ts';
import { as } from '../world/use-world.ts';
import { portOf } from '../world/verdict.ts';
import { accountSid, type Both, basic, secrets, useBoth } from './guides/use-both.ts';

const messages = `/2010-04-01/Accounts/${accountSid}/Messages.json`;
const refusal: Answer = (_request, response) => json(response, 401, { code: 20003, message: 'Authenticate' });

/** What a caller gets of a GET, or of a POST where there is a body. */
async function get(url: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(url, body === undefined ? { headers } : { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

describe('docs/migrate-from-the-extensions.md is right that an extension of the guides’ kind, and not the gateway,', () => {
  const both = useBoth('11.17.4');
  /** The extension's own routes, as the mounted name of a guide's. */
  const extension = (path: string) => `${both().directus.url}/guides${path}`;
  const gateway = (path: string) => both().gateway.url + path;
  const seen = () => both().api.seen.map(({ method, target }) => `${method} ${target}`);

  afterEach(() => {
    expect(both().gateway.wire.sent()).not.toContain('canary');
    expect(both().gateway.logs()).not.toContain('canary');
  });

  it('hands out the credential when the API refuses, with status 200', async () => {
    const { api, tokens } = both();
    api.answerWith(refusal);
    const leaked = await get(extension(`/axios${messages}`));
    const kept = await get(gateway(`/twilio${messages}`), as(tokens.reader));

    expect(leaked.status).toBe(200);
    expect(leaked.text).toContain(secrets.twilio);
    expect(kept.status).toBe(502);
    expect(kept.text).toContain('UPSTREAM_CREDENTIAL_REJECTED');
  });

  it('serves callers without a token', async () => {
    expect((await get(extension(`/axios${messages}`))).status).toBe(200);
    expect((await get(gateway(`/twilio${messages}`))).status).toBe(401);
    expect(seen()).toEqual([`GET ${messages}`]);
  });

  it('serves every user that Directus knows, whatever they may do', async () => {
    const { nobody } = both().tokens;
    const body = JSON.stringify({ To: '+15005550006', Body: 'Hello' });
    const type = { 'Content-Type': 'application/json' };

    expect((await get(extension(`/fetch${messages}`), { ...as(nobody), ...type }, body)).status).toBe(200);
    expect((await get(gateway(`/twilio${messages}`), { ...as(nobody), ...type }, body)).status).toBe(403);
    expect(seen()).toEqual([`POST ${messages}`]);
  });

  it.each([
    ['keys', `/2010-04-01/Accounts/${accountSid}/Keys.json`],
    ['record, with the auth token in it', `/2010-04-01/Accounts/${accountSid}.json`],
    ['subaccounts', '/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json'],
  ])('reaches the account’s %s', async (_what, path) => {
    const { reader } = both().tokens;
    expect((await get(extension(`/fetch${path}`), as(reader))).status).toBe(200);
    expect((await get(gateway(`/twilio${path}`), as(reader))).status).toBe(403);
    expect(seen()).toEqual([`GET ${path}`]);
  });

  it('sends the credential to a host that the caller names', async () => {
    const { directus, tokens } = both();
    const elsewhere = await startRecordingUpstream();
    const host = new URL(elsewhere.origin).host;
    const lines = [`Authorization: Bearer ${tokens.reader}`];
    await ask(portOf(directus.url), [`GET /guides/fetch//${host}/x HTTP/1.1`, ...lines]);
    await ask(both().gateway.port, [`GET /twilio//${host}/x HTTP/1.1`, ...lines]);
    await elsewhere.stop();

    expect(elsewhere.seen.map(({ target, headers }) => [target, headers.authorization])).toEqual([['/x', basic]]);
    expect(seen()).toEqual([]);
  });

  it('sends the API the Directus token of who gives it in the query', async () => {
    const { reader } = both().tokens;
    await get(extension(`/fetch${messages}?access_token=${reader}`));
    await get(gateway(`/twilio${messages}?access_token=${reader}`));

    expect(seen()).toEqual([`GET ${messages}?access_token=${reader}`, `GET ${messages}`]);
  });

  it('sends JSON to an API that takes forms, and loses what was sent as a form', async () => {
    const { directus, api } = both();
    const body = 'To=%2B15005550006&MediaUrl=a&MediaUrl=b';
    const form = { ...as(directus.adminToken), 'Content-Type': 'application/x-www-form-urlencoded' };
    await get(extension(`/fetch${messages}`), form, body);
    await get(gateway(`/twilio${messages}`), form, body);

    expect(api.seen.map((each) => [each.headers['content-type'], each.body])).toEqual([
      ['application/json', '{}'],
      ['application/x-www-form-urlencoded', body],
    ]);
  });

  it('lets whoever may read create customers', async () => {
    const headers = { ...as(both().tokens.reader), 'Content-Type': 'application/json' };
    const body = '{"email":"ada@example.com"}';
    expect((await get(extension('/customers'), headers, body)).status).toBe(200);
    expect((await get(gateway('/stripe/customers'), headers, body)).status).toBe(403);
    expect(seen()).toEqual(['POST /v1/customers']);
  });

  it('says 401 to a user who may not, as to somebody without a token', async () => {
    const { nobody } = both().tokens;
    const statuses = async (url: string) => [(await get(url)).status, (await get(url, as(nobody))).status];

    expect(await statuses(extension('/payments'))).toEqual([401, 401]);
    expect(await statuses(gateway('/stripe/payments'))).toEqual([401, 403]);
  });

  it('shows every field to a user who may see some', async () => {
    const { api } = both();
    const token = await userWith(both(), { fields: ['amount'] });
    const intents = [{ id: 'pi_1', object: 'payment_intent', amount: 1, client_secret: 'shown' }];
    api.answerWith(stripeList(intents));
    const whole = await get(extension('/payments'), as(token));
    api.answerWith(stripeList(intents));
    const cut = await get(gateway('/stripe/payments'), as(token));

    expect(whole.text).toContain('client_secret');
    expect(JSON.parse(cut.text)).toEqual([{ id: 'pi_1', object: 'payment_intent', amount: 1 }]);
  });

  it('counts policies that are bound to addresses by the server’s own address, wherever the caller is', async () => {
    const { api } = both();
    const ofServer = await userWith(both(), { ipAccess: ['127.0.0.1'] });
    const ofOffice = await userWith(both(), { ipAccess: ['203.0.113.9'] });
    api.answerWith(stripeList([]));
    const statuses = async (url: string) => {
      const answers = [ofServer, ofOffice].map((token) => get(url, { ...as(token), 'X-Forwarded-For': '203.0.113.9' }));
      return (await Promise.all(answers)).map(({ status }) => status);
    };

    expect(await statuses(extension('/payments'))).toEqual([200, 401]);
    expect(await statuses(gateway('/stripe/payments'))).toEqual([403, 200]);
  });

  it('sends nothing of a list before its last page has come', async () => {
    const { api, tokens } = both();
    const held = Promise.withResolvers<boolean>();
    const heldList = stripeList(items(150), (page) => (page === 1 ? true : held.promise));
    api.answerWith(heldList);
    const streamed = await fetch(gateway('/stripe/payments'), { headers: as(tokens.reader) });
    const first = await streamed.body?.getReader().read();
    let begun = false;
    api.reset();
    api.answerWith(stripeList(items(150), (page) => (page === 1 ? true : held.promise)));
    const buffered = fetch(extension('/payments'), { headers: as(tokens.reader) }).then(() => {
      begun = true;
    });
    await api.arrived(2);

    expect(first?.value?.length).toBeGreaterThan(100);
    expect(begun).toBe(false);
    held.resolve(true);
    await buffered;
  });

  it('takes all of Directus down when Stripe refuses, which is why this comes last', async () => {
    const { directus, api, tokens } = both();
    api.answerWith(refusal);
    const kept = await get(gateway('/stripe/payments'), as(tokens.reader));
    const ended = await get(extension('/payments'), as(tokens.reader)).catch(() => 'cut off');

    expect(kept.status).toBe(502);
    expect(ended).toBe('cut off');
    expect(await directus.died).toBe('exit code 1');
  });
});

describe('and of the guide’s first edition, whose extension, in Directus 10,', () => {
  const both = useBoth('10.13.4');

  it('takes for allowed whoever asks, with or without a token', async () => {
    const { directus, gateway, tokens } = both();
    const asks = [{}, as(tokens.nobody), as(tokens.reader)];
    const statuses = async (url: string) => {
      const answers = await Promise.all(asks.map((headers) => get(url, headers)));
      return answers.map(({ status }) => status);
    };

    expect(await statuses(`${directus.url}/guides/first-edition`)).toEqual([200, 200, 200]);
    expect(await statuses(`${gateway.url}/stripe/v1/customers`)).toEqual([401, 403, 200]);
  });
});

type Allowed = { readonly fields?: readonly string[]; readonly ipAccess?: readonly string[] };

/** A user who may read customers. */
async function userWith({ directus }: Both, { fields = ['*'], ipAccess }: Allowed): Promise<string> {
  const access = { name: 'some', ip_access: ipAccess ?? null, admin_access: false, app_access: false };
  const policy = await createInDirectus(directus, '/policies', access);
  const rule = { policy, collection: 'customers', action: 'read', fields, permissions: {} };
  await callDirectus(directus, 'POST', '/permissions', rule);
  return (await newUser(directus, { policies: [{ policy }] })).token;
}
