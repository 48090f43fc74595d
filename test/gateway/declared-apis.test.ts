import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';

const stopLater = useStops();
const world = await useWorld();
const api = stopLater(await startRecordingUpstream());
beforeEach(() => api.reset());

/** gateway.example.yaml as it is, save that every API is played by one recording upstream. */
const config = readFileSync(new URL('../../gateway.example.yaml', import.meta.url), 'utf8').replaceAll(
  /origin: https:\S+/g,
  `origin: ${api.origin}\n    plaintext: loopback`,
);
const key = 'canaryKeyOfTheApi';
const full = { access: 'full', fields: ['*'] };

/** One row for each API: its variable, a request, and how its credential looks on the wire. */
const apis = [
  {
    name: 'openai',
    variable: 'OPENAI_API_KEY',
    may: { ai_chats: { create: full } },
    request: { method: 'post', path: '/v1/chat/completions', body: { model: 'gpt' } },
    seen: { target: '/v1/chat/completions', headers: { authorization: `Bearer ${key}` } },
  },
  {
    name: 'anthropic',
    variable: 'ANTHROPIC_API_KEY',
    may: { ai_chats: { create: full } },
    request: { method: 'post', path: '/v1/messages', body: { model: 'claude' } },
    seen: { target: '/v1/messages', headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' } },
  },
  {
    name: 'deepl',
    variable: 'DEEPL_AUTH_KEY',
    may: { translations: { read: full } },
    request: { method: 'post', path: '/v2/translate', body: { text: ['a'], target_lang: 'DE' } },
    seen: { target: '/v2/translate', headers: { authorization: `DeepL-Auth-Key ${key}` } },
  },
  {
    name: 'maps',
    variable: 'GOOGLE_MAPS_API_KEY',
    may: { places: { read: full } },
    request: { method: 'get', path: '/maps/api/geocode/json?address=Ulm', body: undefined },
    seen: { target: `/maps/api/geocode/json?address=Ulm&key=${key}`, headers: {} },
  },
  {
    name: 'stripe-eu',
    variable: 'STRIPE_EU_SECRET_KEY',
    may: { customers: { read: full } },
    request: { method: 'get', path: '/v1/customers', body: undefined },
    seen: { target: '/v1/customers', headers: { authorization: `Bearer ${key}` } },
  },
] as const;

const variables = Object.fromEntries(apis.map(({ variable }) => [variable, key]));
const running = stopLater(
  await startGateway(
    { ...world.environment, ...variables, STRIPE_API_URL: api.origin, PERMISSIONS_TTL: '0' },
    { config },
  ),
);
const caller = supertest(running.url);

describe.each(apis)('$name, as gateway.example.yaml declares it,', ({ name, may, request, seen }) => {
  const send = () => {
    const { method, path, body } = request;
    const sent = caller[method](`/${name}${path}`).set(as('canaryTokenAllowed'));
    return body === undefined ? sent : sent.send(body);
  };

  it('gets the request of a caller who may, with the credential that only the gateway holds', async () => {
    world.directus.users.set('canaryTokenAllowed', { id: 'user-allowed', permissions: may });
    const answer = await send();

    expect(answer.status).toBe(200);
    const [received] = api.seen;
    expect([received?.method, received?.target]).toEqual([request.method.toUpperCase(), seen.target]);
    expect(received?.headers).toMatchObject(seen.headers);
    expect(received?.headers.host).toBe(new URL(api.origin).host);
    expect(`${received?.rawHeaders} ${received?.target}`).not.toContain('canaryTokenAllowed');
    if (request.body !== undefined) expect(JSON.parse(received?.body ?? '')).toEqual(request.body);
    expect(`${answer.text} ${JSON.stringify(answer.headers)} ${running.logs()}`).not.toContain(key);
  });

  it('sees nothing of a caller who may not', async () => {
    world.directus.users.set('canaryTokenAllowed', { id: 'user-allowed', permissions: {} });
    const answer = await send();

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(api.seen).toEqual([]);
  });
});

describe('a rule of one’s own for Stripe', () => {
  it('lets a refund through for whoever may update, before the packaged rule that refuses it', async () => {
    world.directus.users.set('canaryTokenAllowed', { id: 'a', permissions: { stripe_refunds: { update: full } } });
    const answer = await caller.post('/stripe/v1/refunds').set(as('canaryTokenAllowed')).send({ charge: 'ch_1' });

    expect(answer.status).toBe(200);
    expect(api.seen.map(({ target, body }) => [target, body])).toEqual([['/v1/refunds', 'charge=ch_1']]);
  });

  it('is needed: without it, a refund is refused to everybody', async () => {
    const answer = await supertest(world.gateway.url)
      .post('/stripe/v1/refunds')
      .set(as('canaryTokenAdmin'))
      .send({ charge: 'ch_1' });

    expect(answer.status).toBe(403);
    expect(world.stripe.seen).toEqual([]);
  });
});
