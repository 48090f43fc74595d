import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, tokens } from '../world/world.ts';

const stopLater = useStops();
const clock = { now: Date.UTC(2026, 0, 1) };
const account = `/2010-04-01/Accounts/${accountSid}`;
const hour = 3_600_000;
const config = `
upstreams:
  stripe:
    rules:
      - { methods: [GET], path: [/v1/customers, /v1/charges], collection: customers, budget: { points: 2, per: 1h } }
      - { methods: [POST], path: /v1/customers, collection: customers, budget: { points: 1, per: 1h, key: all } }
      - { path: /v1/strict, collection: customers, forbidParameters: [x], budget: { points: 1, per: 1h } }
  twilio:
    rules:
      - methods: [POST]
        path: ${account}/Messages.*
        collection: messages
        allowValues: { From: ["${phoneNumber}"] }
        destinations: { parameter: To, points: 2, per: 1d, prefixes: ["+49", "whatsapp:+49"] }
  closed:
    origin: http://127.0.0.1:1
    plaintext: loopback
    rules: [{ path: /*, collection: customers, budget: { points: 1, per: 1h } }]
`;
const world = await useWorld({ PERMISSIONS_TTL: '0' }, { config, now: () => clock.now });
const get = (path: string, token: string = tokens.admin) => supertest(world.gateway.url).get(path).set(as(token));
const sendTo = (path: string, form: string, url = world.gateway.url) =>
  supertest(url).post(`/twilio${account}${path}`).set(as(tokens.admin)).type('form').send(form);
const send = (form: string) => sendTo('/Messages.json', form);
const nextDay = () => {
  clock.now += 24 * hour;
};

describe('a rule with a budget', () => {
  it('lets so many requests of a user through, over all its paths, until the hour is over', async () => {
    nextDay();
    expect((await get('/stripe/v1/customers')).status).toBe(200);
    expect((await get('/stripe/v1/charges')).status).toBe(200);
    const { status, headers, body } = await get('/stripe/v1/customers');
    expect({ status, wait: headers['retry-after'] }).toEqual({ status: 429, wait: '3600' });
    const reset = new Date(clock.now + hour).toISOString();
    expect(body.errors[0].extensions).toEqual({ code: 'REQUESTS_EXCEEDED', limit: 2, reset });
    expect(world.stripe.seen).toHaveLength(2);

    expect((await get('/stripe/v1/customers', tokens.reader)).status).toBe(200);
    clock.now += hour - 1;
    expect((await get('/stripe/v1/customers')).status).toBe(429);
    clock.now += 1;
    expect((await get('/stripe/v1/customers')).status).toBe(200);
  });

  it('is charged for HEAD too where its methods say so, and shared by all where its key does', async () => {
    nextDay();
    const post = (token: string) => supertest(world.gateway.url).post('/stripe/v1/customers').set(as(token));
    expect((await post(tokens.admin)).status).toBe(200);
    expect((await post(tokens.creator)).status).toBe(429);
  });

  it('is charged for nothing that the gateway refuses', async () => {
    nextDay();
    expect((await get('/stripe/v1/strict?x=1')).status).toBe(403);
    expect((await get('/stripe/v1/strict', tokens.nobody)).status).toBe(403);
    expect((await get('/stripe/v1/strict')).status).toBe(200);
    expect((await get('/stripe/v1/strict')).status).toBe(429);
  });

  it('is given back its share where there is no connection', async () => {
    nextDay();
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await get('/closed/a')).status).toBe(502);
  });

  it('is charged for what was sent, whatever came of it', async () => {
    nextDay();
    world.stripe.answerWith((_request, response) => response.destroy());
    expect((await get('/stripe/v1/strict')).status).toBe(502);
    expect((await get('/stripe/v1/strict')).status).toBe(429);
  });

  it('is not outrun by many at once', async () => {
    nextDay();
    const all = await Promise.all(Array.from({ length: 20 }, () => get('/stripe/v1/customers')));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(world.stripe.seen).toHaveLength(2);
  });
});

describe('a rule with destinations', () => {
  it('lets messages go to so many distinct numbers, however they are written', async () => {
    nextDay();
    expect((await send('To=%2B4915111111111&Body=a')).status).toBe(200);
    expect((await send('To=%2B49%20151-111%2011111&Body=b')).status).toBe(200);
    expect((await send('To=whatsapp:%2B4915111111111')).status).toBe(200);
    expect((await send('To=%2B4915133333333')).status).toBe(429);
    expect((await send('To=%2B4915111111111')).status).toBe(200);
    expect(world.twilio.seen).toHaveLength(4);
    nextDay();
    expect((await send('To=%2B4915133333333')).status).toBe(200);
  });

  const refused: [string, string, number][] = [
    ['another country', 'To=%2B15005550006', 403],
    ['another country among others', 'To=%2B4915111111111&To=%2B15005550006', 403],
    ['another country in a list', 'To=%2B4915111111111,%2B15005550006', 403],
    ['another channel', 'To=messenger:%2B4915111111111', 403],
    ['no number', 'Body=a', 400],
    ['a name', 'To=client:alice', 400],
    ['a number without its plus', 'To=4915111111111', 400],
    ['a plus that is a space', 'To=+4915111111111', 400],
    ['digits of another script', 'To=%2B49%D9%A1%D9%A5%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1', 400],
    ['the parameter in another case', 'to=%2B15005550006&To=%2B4915111111111', 400],
    ['the parameter as a list', 'To[]=%2B4915111111111', 400],
    ['a foreign sender', 'To=%2B4915111111111&From=%2B15005550006', 403],
  ];
  it.each(refused)('refuses %s', async (_what, form, status) => {
    nextDay();
    expect((await send(form)).status).toBe(status);
    expect(world.twilio.seen).toEqual([]);
  });

  it('counts one that the query names', async () => {
    nextDay();
    const { status } = await sendTo('/Messages.json?To=%2B15005550006', 'To=%2B4915111111111');
    expect(status).toBe(403);
  });

  const spellings = [
    '/Messages',
    '/Messages.xml',
    '/Messages.csv',
    '/Messages.json.xml',
    '/messages.json',
    '/Messages/',
  ];

  it('holds however the API might be asked for the same', async () => {
    for (const path of spellings) {
      nextDay();
      expect((await sendTo(path, 'To=%2B15005550006')).status).toBe(403);
    }
    expect(world.twilio.seen).toEqual([]);
    nextDay();
    const to = ['To=%2B4915111111111', 'To=%2B4915122222222', 'To=%2B4915133333333'];
    const paths = ['/Messages.json', '/Messages', '/Messages.xml'];
    const statuses = [];
    for (const [index, path] of paths.entries()) statuses.push((await sendTo(path, to[index] ?? '')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('is passed by in no other spelling where it names one extension, or none', async () => {
    for (const named of ['Messages.json', 'Messages', 'Queues.json', 'Queues']) {
      const rule = `{ path: ${account}/${named}, collection: messages, budget: { points: 1, per: 1d } }`;
      const { url } = stopLater(
        await startGateway(world.environment, { config: `upstreams: { twilio: { rules: [${rule}] } }` }),
      );
      const resource = named.replace('.json', '');
      const paths = spellings.map((path) => path.replace(/messages/i, resource)).filter((path) => path !== `/${named}`);
      for (const path of paths) {
        expect((await sendTo(path, 'To=%2B1', url)).status).toBe(403);
        expect((await supertest(url).get(`/twilio${account}${path}`).set(as(tokens.admin))).status).toBe(403);
      }
      expect(world.twilio.seen).toEqual([]);
      expect((await sendTo(`/${named}`, 'To=%2B1', url)).status).toBe(200);
      expect((await sendTo(`/${named}`, 'To=%2B1', url)).status).toBe(429);
      world.twilio.reset();
    }
  });
});
