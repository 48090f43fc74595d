import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';

const stopLater = useStops();
const world = await useWorld();
const [api, files] = [stopLater(await startRecordingUpstream()), stopLater(await startRecordingUpstream())];
const key = 'canaryKeyOfTheShop';
const token = 'canaryTokenOfTheShopper';

const config = `
upstreams:
  shop:
    origin: ${api.origin}
    plaintext: loopback
    hosts: { files.shop.example: ${files.origin} }
    hostnames: [shop.gateway.example]
    credential:
      - { header: { name: X-Key, value: "\${SHOP_KEY}" } }
      - { query: { name: key, value: "\${SHOP_KEY}" } }
    requestHeaders: { allow: [X-Shop], drop: [User-Agent], set: { X-Version: "7" } }
    answerHeaders: { drop: [X-Internal] }
    forbidParameters: []
    limits: { requestBody: 20 }
    links: [next_page_url]
    rules:
      - { path: /denied/*, deny: closed }
      - { path: /uploads, collection: shop_files, host: files.shop.example, body: as-is }
      - { path: /json, collection: shop_orders, body: json }
      - { methods: [POST], path: /orders/:id/cancel, collection: shop_orders, action: delete }
      - { path: /by/:resource/*, collection: "shop_{resource}" }
      - { path: /strict, collection: shop_orders, forbidParameters: [callback] }
      - { path: [/orders, /orders/*, /files.shop.example/*, /slash/], collection: shop_orders }
`;
const running = stopLater(
  await startGateway({ ...world.environment, SHOP_KEY: key, PERMISSIONS_TTL: '0' }, { config }),
);
const caller = supertest(running.url);
const full = { access: 'full', fields: ['*'] };
const everything = { create: full, read: full, update: full, delete: { access: 'full' } };

beforeEach(() => {
  for (const upstream of [api, files]) upstream.reset();
  const permissions = { shop_orders: everything, shop_files: everything };
  world.directus.users.set(token, { id: 'user-shopper', permissions });
});
const targets = () => [...api.seen, ...files.seen].map(({ target }) => target);
const get = (path: string) => caller.get(`/shop${path}`).set(as(token));

describe('a caller of a declared upstream', () => {
  it('has the credentials added in every declared place, and its own in none', async () => {
    await get('/orders?a=1&access_token_=x').set('X-Key', 'mine');

    const [seen] = api.seen;
    expect(seen?.target).toBe(`/orders?a=1&access_token_=x&key=${key}`);
    expect(seen?.headers).toMatchObject({ 'x-key': key, 'x-version': '7' });
    expect(seen?.headers.authorization).toBeUndefined();
  });

  it('reaches it with the headers that are allowed, without those that are dropped', async () => {
    await get('/orders').set({ 'X-Shop': 'allowed', 'X-Version': '1', 'X-Other': 'not allowed', 'User-Agent': 'me' });

    const { headers = {} } = api.seen[0] ?? {};
    expect([headers['x-shop'], headers['x-version'], headers['x-other'], headers['user-agent']]).toEqual([
      'allowed',
      '7',
      undefined,
      undefined,
    ]);
  });

  it('does not see headers that are dropped, nor any that give the credential away', async () => {
    api.answerWith((_request, response) =>
      response
        .setHeader('X-Internal', '1')
        .setHeader('X-Echo', `key=${key}`)
        .setHeader('Location', `${api.origin}/orders?key=${key}`)
        .setHeader('X-Kept', 'yes')
        .end('{}'),
    );
    const { headers } = await get('/orders');

    expect([headers['x-internal'], headers['x-echo'], headers.location, headers['x-kept']]).toEqual([
      undefined,
      undefined,
      `${running.url}/shop/orders`,
      'yes',
    ]);
  });

  it.each([
    ['/strict?callback=https://evil.example', 'a query parameter'],
    ['/strict?CALLBACK=x', 'in other letters'],
    ['/strict?callback[]=x', 'as a list'],
    ['/strict?c%61llback=x', 'encoded'],
    ['/orders?key=mine', 'the place of the credential'],
    ['/orders?%6bey=mine', 'the same, encoded'],
  ])('is refused %s (%s), and it sees nothing', async (path) => {
    const answer = await get(path);

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(targets()).toEqual([]);
  });

  it('is refused a forbidden parameter of the body, and what cannot be looked into', async () => {
    const inJson = await caller.post('/shop/strict').set(as(token)).send({ callback: 'x' });
    const inForm = await caller.post('/shop/strict').set(as(token)).type('form').send('callback=x');
    const unknown = await caller.post('/shop/strict').set(as(token)).type('text/plain').send('callback');

    expect([inJson.status, inForm.status, unknown.status]).toEqual([403, 403, 415]);
    expect(targets()).toEqual([]);
  });

  it.each([
    '/orders/1?_method=DELETE',
    '/orders/1?a=1&_METHOD=delete',
    '/orders/1?%5fm%65thod=DELETE',
    '/orders/1?_HttpMethod=PATCH',
    '/orders/1?.method=DELETE',
    '/orders/1?+_method=DELETE',
    '/orders/1?a=1;_method=DELETE',
    '/orders/1?_method[]=DELETE',
    '/orders/1?_method%00=DELETE',
    '/orders/1?a=%E4&_method',
  ])('cannot have a POST taken for another method by the query: %s', async (path) => {
    const answer = await caller.post(`/shop${path}`).set(as(token));

    const { code, parameters } = answer.body.errors[0].extensions;
    expect([answer.status, code, parameters]).toEqual([403, 'FORBIDDEN', [expect.stringMatching(/method/i)]]);
    const question = new URLSearchParams({ method: 'POST', path: `/shop${path}` });
    const { body } = await caller.get(`/gateway/explain?${question}`).set(as(token));
    expect(body.data).toMatchObject({ verdict: 'refused', refusal: { reason: 'forbidden_parameter' } });
    expect(targets()).toEqual([]);
  });

  it.each(['/orders/1?a=_method', '/orders/1?my_method=1&method=2&_methods=3', '/orders/1?a=1%26_method%3DDELETE'])(
    'may send what only looks like it: %s',
    async (path) => {
      expect((await caller.post(`/shop${path}`).set(as(token))).status).toBe(200);
      expect(targets()).toEqual([`${path}&key=${key}`]);
    },
  );

  it('nor by a body that is read', async () => {
    const read = { shop_orders: { create: { access: 'full', fields: ['_method', 'a'] } } };
    world.directus.users.set(token, { id: 'user-shopper', permissions: read });
    const inForm = await caller.post('/shop/orders').set(as(token)).type('form').send('a=1&_method=DELETE');
    const inJson = await caller.post('/shop/orders').set(as(token)).send({ _method: 'DELETE' });

    expect([inForm.status, inJson.status]).toEqual([403, 403]);
    expect(inForm.body.errors[0].extensions.parameters).toEqual(['_method']);
    expect(targets()).toEqual([]);
  });

  it('needs the action that the rule names', async () => {
    world.directus.users.set(token, { id: 'user-shopper', permissions: { shop_orders: { create: full } } });
    const refused = await caller.post('/shop/orders/1/cancel').set(as(token));
    world.directus.users.set(token, { id: 'user-shopper', permissions: { shop_orders: { delete: full } } });
    const allowed = await caller.post('/shop/orders/1/cancel').set(as(token));

    expect([refused.status, allowed.status]).toEqual([403, 200]);
    expect(api.seen).toHaveLength(1);
  });

  it('is refused whatever a rule denies, in any spelling', async () => {
    for (const path of ['/denied/a', '/Denied/a', '/denied/a/']) expect((await get(path)).status).toBe(403);
    expect(targets()).toEqual([]);
  });

  it('finds a final slash where a rule has one, and only there', async () => {
    const statuses = [];
    for (const path of ['/slash/', '/slash', '/orders/']) statuses.push((await get(path)).status);

    expect(statuses).toEqual([200, 403, 403]);
    expect(targets()).toEqual([`/slash/?key=${key}`]);
  });

  it('is governed by the collection that the path names', async () => {
    const permissions = { shop_a: { read: full }, directus_users: { read: full }, other: { read: full } };
    world.directus.users.set(token, { id: 'user-shopper', permissions });
    const statuses = [];
    for (const name of ['a', 'b', 'other', 'a%20b', '..%2f']) statuses.push((await get(`/by/${name}/1`)).status);

    expect(statuses).toEqual([200, 403, 403, 403, 400]);
    expect(targets()).toEqual([`/by/a/1?key=${key}`]);
  });
});

describe('an upstream with several hosts', () => {
  it('gets what the first segment or the rule sends to one, without that segment', async () => {
    await get('/files.shop.example/v1/a');
    await caller.post('/shop/uploads').set(as(token)).type('json').send('{"a":1}');

    expect(files.seen.map(({ target, headers }) => [target, headers.host])).toEqual([
      [`/v1/a?key=${key}`, new URL(files.origin).host],
      [`/uploads?key=${key}`, new URL(files.origin).host],
    ]);
    expect(api.seen).toEqual([]);
  });

  it.each(['/evil.example/v1/a', '/Files.shop.example/v1/a', `/${encodeURIComponent('files.shop.example')}.evil/v1/a`])(
    'is not reached by a host that is not declared: %s',
    async (path) => {
      expect((await get(path)).status).toBe(403);
      expect(targets()).toEqual([]);
    },
  );
});

describe('a host name of the upstream’s own', () => {
  const onHost = (path: string) => getFrom(path, { ...as(token), Host: 'shop.gateway.example' });

  it('stands for it, without its name in the path', async () => {
    const answer = await onHost('/orders');

    expect(answer.statusCode).toBe(200);
    expect(targets()).toEqual([`/orders?key=${key}`]);
  });

  it('has no routes of the gateway’s', async () => {
    const answer = await onHost('/server/ping');

    expect([answer.statusCode, JSON.parse(answer.body).error.code]).toEqual([403, 'FORBIDDEN']);
    expect(targets()).toEqual([]);
  });

  it('has links without the name, too', async () => {
    api.answerWith((_request, response) =>
      response.setHeader('Content-Type', 'application/json').end(`{"next_page_url":"${api.origin}/orders?page=2"}`),
    );
    const answer = await onHost('/orders');

    expect(JSON.parse(answer.body)).toEqual({ next_page_url: 'http://shop.gateway.example/orders?page=2' });
  });
});

describe('links to the upstream', () => {
  it('lead to the gateway, and nothing else of the answer changes', async () => {
    const next = JSON.stringify(`${files.origin}/v1/a?page=2`).replaceAll('/', '\\/');
    const elsewhere = `"https://other.example/${api.origin}"`;
    api.answerWith((_request, response) =>
      response
        .setHeader('Content-Type', 'application/json')
        .setHeader('Link', `<${api.origin}/orders?page=2>; rel="next", <https://other.example/>; rel="x"`)
        .end(`{"n": 1.0, "big":12345678901234567890, "meta":{"next_page_url" : ${next}}, "body":${elsewhere}}`),
    );
    const answer = await get('/orders');

    expect(answer.text).toBe(
      `{"n": 1.0, "big":12345678901234567890, "meta":{"next_page_url" : "${running.url}/shop/files.shop.example/v1/a?page=2"}, "body":${elsewhere}}`,
    );
    expect(answer.headers.link).toBe(
      `<${running.url}/shop/orders?page=2>; rel="next", <https://other.example/>; rel="x"`,
    );
  });

  it.each([
    ['/orders/2', '/shop/orders/2'],
    [`${'ORIGIN'}/orders/2`, '/shop/orders/2'],
    ['https://cdn.example/media', 'https://cdn.example/media'],
    ['//cdn.example/media', '//cdn.example/media'],
  ])('that redirect to %s lead to %s and are not followed', async (location, expected) => {
    api.answerWith((_request, response) => {
      response.statusCode = 302;
      response.setHeader('Location', location.replace('ORIGIN', api.origin)).end();
    });
    const answer = await get('/orders').redirects(0);

    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe(expected.startsWith('/shop') ? running.url + expected : expected);
    expect(api.seen).toHaveLength(1);
  });

  it('make an answer longer, so a part of it is not asked for: the caller gets the whole', async () => {
    const whole = JSON.stringify({ next_page_url: `${api.origin}/orders?page=2`, filler: 'x'.repeat(60) });
    api.answerWith((request, response) => {
      const isPart = request.headers.range !== undefined;
      response.writeHead(isPart ? 206 : 200, { 'Content-Type': 'application/json' });
      response.end(isPart ? whole.slice(0, 60) : whole);
    });
    const answer = await get('/orders').set({ Range: 'bytes=0-59', 'If-Range': '"a"', 'If-None-Match': '"b"' });

    expect([answer.status, answer.body.next_page_url]).toEqual([200, `${running.url}/shop/orders?page=2`]);
    const { headers = {} } = api.seen[0] ?? {};
    expect([headers.range, headers['if-range'], headers['if-none-match']]).toEqual([undefined, undefined, '"b"']);
  });

  it('lose the parameter that bears the credential, which the gateway adds to every request', async () => {
    api.answerWith((_request, response) =>
      response
        .setHeader('Content-Type', 'application/json')
        .end(`{"next_page_url":"${api.origin}/orders?a=1&KEY=${key}&page=2"}`),
    );
    const answer = await get('/orders');

    expect(answer.body).toEqual({ next_page_url: `${running.url}/shop/orders?a=1&page=2` });
    expect((await caller.get('/shop/orders?a=1&page=2').set(as(token))).status).toBe(200);
  });

  it('in an answer that is empty or no JSON after all are none, and the answer comes as it is', async () => {
    for (const body of ['', 'not JSON', '{"next_page_url":"\\x"']) {
      api.answerWith((_request, response) => {
        response.statusCode = 202;
        response.setHeader('Content-Type', 'application/json').end(body);
      });
      const answer = await fetch(`${running.url}/shop/orders`, { method: 'POST', headers: as(token) });
      expect([answer.status, await answer.text()]).toEqual([202, body]);
    }
  });

  it('are left alone in what is no JSON, which streams', async () => {
    api.answerWith((_request, response) =>
      response.setHeader('Content-Type', 'text/plain').end(`"next_page_url":"${api.origin}/a"`),
    );

    expect((await get('/orders')).text).toBe(`"next_page_url":"${api.origin}/a"`);
  });
});

describe('a body that the upstream does not take', () => {
  it('is refused for its form', async () => {
    const form = await caller.post('/shop/json').set(as(token)).type('form').send('a=1');
    const json = await caller.post('/shop/json').set(as(token)).send({ a: 1 });

    expect([form.status, json.status]).toEqual([415, 200]);
    expect(api.seen.map(({ body }) => body)).toEqual(['{"a":1}']);
  });

  it('is refused for its length before it is sent', async () => {
    const answer = await caller.post('/shop/orders').set(as(token)).send({ a: 'longer than twenty bytes' });

    expect(answer.status).toBe(413);
    expect(targets()).toEqual([]);
  });

  it('is broken off when it turns out to be too long, so that the upstream never has it whole', async () => {
    let whole = false;
    files.answerHeadWith((request) => {
      request.on('end', () => {
        whole = true;
      });
      request.resume();
    });
    const sent = httpRequest(`${running.url}/shop/uploads`, {
      method: 'POST',
      headers: { ...as(token), 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' },
    });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    sent.on('response', resolve).on('error', reject);
    sent.write('ten bytes!');
    await files.arrived(1);
    sent.write('eleven more');
    const answer = await promise;

    expect([answer.statusCode, JSON.parse(await text(answer)).errors[0].extensions.code]).toEqual([
      413,
      'CONTENT_TOO_LARGE',
    ]);
    sent.destroy();
    expect(whole).toBe(false);
  });
});

/** A request with a Host of one's own. */
async function getFrom(path: string, headers: Record<string, string>): Promise<{ statusCode?: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  httpRequest(running.url + path, { headers }, resolve)
    .on('error', reject)
    .end();
  const answer = await promise;
  return { ...(answer.statusCode !== undefined && { statusCode: answer.statusCode }), body: await text(answer) };
}
