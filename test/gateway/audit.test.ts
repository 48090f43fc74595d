import { once } from 'node:events';
import { request } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { dial } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { auditing, useAudit } from '../world/use-audit.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

const config = `upstreams:
  stripe:
    rules:
      - { methods: [POST], path: /v1/look, collection: customers, action: read }
  deep:
    origin: \${STRIPE_API_URL}
    plaintext: loopback
    audit: { idMember: data.id, requestIdHeader: X-Trace }
    rules:
      - { path: /things, collection: customers }
      - { path: /things/:id, collection: customers }
`;

const stopLater = useStops();
const world = await useWorld(auditing, { config, limits: { upstream: { firstByteMs: 300 } } });
const { send, noted, logged } = useAudit(world);
const { stripe, twilio, directus } = world;

const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
const answerJson = (body: string, headers: Record<string, string> = {}, status = 200) =>
  stripe.answerWith((_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
  });

describe('an administrator finds in Directus', () => {
  it('who has created what at Stripe, with Stripe’s ids', async () => {
    answerJson('{"id":"cus_1","object":"customer"}', { 'Request-Id': 'req_1' });
    const before = Date.now();
    const { id, body } = await send('/stripe/v1/customers?expand=canaryBody', { token: tokens.creator });
    const [item] = await noted(1);

    expect(body).toBe('{"id":"cus_1","object":"customer"}');
    expect(item).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      user: 'user-creator',
      share: null,
      role: 'role-1',
      ip: expect.stringMatching(/127\.0\.0\.1$/),
      upstream: 'stripe',
      method: 'POST',
      action: 'create',
      collection: 'customers',
      rule: 'any /v1/customers',
      path: '/v1/customers',
      status: 200,
      code: null,
      upstream_id: 'cus_1',
      upstream_request_id: 'req_1',
      request_id: id,
    });
    const at = Date.parse(String(item?.time));
    expect(at >= before && at <= Date.now()).toBe(true);
  });

  it('a message by its sid', async () => {
    twilio.answerWith((_request, response) => {
      response.writeHead(201, { 'Content-Type': 'application/json', 'Twilio-Request-Id': 'RQ1' });
      response.end('{"body":"canaryBody","sid":"SM1"}');
    });
    await send(messages, { body: 'To=%2B15005550006&Body=canaryBody' });
    expect(await noted(1)).toMatchObject([
      { upstream: 'twilio', collection: 'messages', status: 201, upstream_id: 'SM1', upstream_request_id: 'RQ1' },
    ]);
  });

  it('a customer that the gateway has created by a route of its own', async () => {
    answerJson('{"id":"cus_2","object":"customer"}', { 'Request-Id': 'req_2' });
    await send('/stripe/customers', { body: 'email=canaryBody@example.com' });
    expect(await noted(1)).toMatchObject([
      { path: '/customers', action: 'create', status: 200, upstream_id: 'cus_2', upstream_request_id: 'req_2' },
    ]);
  });

  it('what was deleted and updated, by its path, in the order in which it happened', async () => {
    await send('/stripe/v1/customers/cus_3', { method: 'DELETE' });
    await send('/deep/things/7', { method: 'PATCH' });
    await send('/deep/things/8', { method: 'PUT' });
    expect(await noted(3)).toMatchObject([
      { method: 'DELETE', action: 'delete', path: '/v1/customers/cus_3', upstream_id: null },
      { method: 'PATCH', action: 'update', path: '/things/7' },
      { method: 'PUT', action: 'update', path: '/things/8' },
    ]);
  });

  it('what the API itself has refused, with its status', async () => {
    answerJson('{"error":{"id":"err_1"},"id":"no"}', { 'Request-Id': 'req_4' }, 402);
    await send('/stripe/v1/customers');
    await send('/stripe/customers', { body: 'email=a@example.com' });
    const refused = { status: 402, code: null, upstream_id: null };
    expect(await noted(2)).toMatchObject([{ ...refused, upstream_request_id: 'req_4' }, refused]);
  });

  it('nothing of reads, of what a rule calls a read, and of what was refused', async () => {
    await send('/stripe/v1/look');
    await (await fetch(`${world.gateway.url}/stripe/v1/customers`, { headers: as(tokens.admin) })).text();
    expect((await send('/stripe/v1/customers', { token: tokens.reader })).status).toBe(403);
    expect((await send('/stripe/v1/refunds')).status).toBe(403);
    expect((await send('/stripe/customers', { body: 'name=x' })).status).toBe(400);
    expect((await send(messages, { body: 'RiskCheck=disable' })).status).toBe(403);
    await send('/stripe/v1/customers');
    expect(await noted(1)).toMatchObject([{ path: '/v1/customers', method: 'POST' }]);
    expect(stripe.seen).toHaveLength(3);
  });
});

describe('the id of what was created', () => {
  const object = JSON.stringify({ data: { id: 4_711, name: 'x'.repeat(500) } });
  it.each([
    ['as it is', object, {}],
    ['gzip', gzipSync(object), { 'Content-Encoding': 'gzip' }],
    ['br', brotliCompressSync(object), { 'Content-Encoding': 'br' }],
  ])(
    'is found where a declaration says, in an answer %s, which reaches the caller untouched',
    async (_how, sent, headers) => {
      stripe.answerWith(async (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'X-Trace': 'trace-1', ...headers });
        const bytes = Buffer.from(sent);
        response.write(bytes.subarray(0, 9));
        await new Promise((resolve) => setTimeout(resolve, 5));
        response.end(bytes.subarray(9));
      });
      const { body } = await send('/deep/things');
      expect(body).toBe(object);
      expect(await noted(1)).toMatchObject([{ upstream_id: '4711', upstream_request_id: 'trace-1' }]);
    },
  );

  it.each([
    ['is no JSON', 'id', { 'Content-Type': 'text/plain' }],
    ['is broken', '{"id":"cus_1"', {}],
    ['names none', '{"name":"cus_1"}', {}],
    ['names an object', '{"id":{"id":1}}', {}],
    ['names what is no id', '{"id":"two words"}', {}],
    ['inherits one', '{"__proto__":{"id":"cus_1"}}', {}],
    ['is large', JSON.stringify({ id: 'cus_1', more: 'x'.repeat(70_000) }), {}],
    [
      'unpacks to much',
      gzipSync(JSON.stringify({ id: 'cus_1', more: 'x'.repeat(900_000) })),
      { 'Content-Encoding': 'gzip' },
    ],
    ['is packed in an unknown way', '{"id":"cus_1"}', { 'Content-Encoding': 'compress' }],
  ])('is left out where the answer %s, and the caller has all of it', async (_how, sent, headers) => {
    stripe.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(sent);
    });
    const answer = request(`${world.gateway.url}/stripe/v1/customers`, {
      method: 'POST',
      headers: as(tokens.admin),
    }).end();
    const [incoming] = await once(answer, 'response');
    const pieces: Buffer[] = await incoming.toArray();
    expect(Buffer.concat(pieces).equals(Buffer.from(sent))).toBe(true);
    expect(await noted(1)).toMatchObject([{ status: 200, upstream_id: null }]);
  });

  it('is never the gateway’s own credential, and no caller’s token, body or header is in an item', async () => {
    answerJson(JSON.stringify({ id: `x${secrets.stripeKey}` }), { 'Request-Id': secrets.stripeKey });
    const headers = {
      ...as(tokens.admin),
      'Idempotency-Key': 'canaryKey',
      Cookie: 'a=canaryCookie',
      'X-Request-Id': 'mine',
    };
    const asked = fetch(`${world.gateway.url}/stripe/v1/customers?name=canaryQuery`, {
      method: 'POST',
      headers,
      body: 'x=1',
    });
    await asked.then((answer) => answer.text()).catch(() => undefined); // such an answer is broken off
    const [item] = await noted(1);
    expect(item).toMatchObject({ upstream_id: null, upstream_request_id: null, request_id: 'mine' });
    expect(JSON.stringify(item)).not.toMatch(/canary/i);
    stripe.wire.clear(); // what it is sent of the caller’s own key and query is its affair
  });
});

describe('a write without an answer may have happened, and is noted', () => {
  it('with the gateway’s code, where the API is too slow', async () => {
    stripe.answerWith(() => undefined);
    expect((await send('/stripe/v1/customers')).status).toBe(504);
    expect(await noted(1)).toMatchObject([{ status: 504, code: 'UPSTREAM_TIMEOUT', upstream_id: null }]);
  });

  it('with the gateway’s code, where the API breaks off', async () => {
    stripe.answerWith((_request, response) => response.destroy());
    await send('/stripe/v1/customers');
    await send('/stripe/customers', { body: 'email=a@example.com' });
    const unknown = { status: 502, code: 'UPSTREAM_UNREACHABLE' };
    expect(await noted(2)).toMatchObject([unknown, unknown]);
  });

  it('without a status, where the caller leaves before', async () => {
    stripe.answerWith(() => undefined);
    for (const path of ['/stripe/v1/customers', '/deep/things']) {
      const before = stripe.seen.length;
      const asked = request(`${world.gateway.url}${path}`, { method: 'POST', headers: as(tokens.admin) });
      asked.on('error', () => undefined).end();
      await stripe.arrived(before + 1);
      asked.destroy();
    }
    const left = { status: null, code: null };
    expect(await noted(2)).toMatchObject([left, left]);
  });

  it('with Stripe’s id all the same, where the caller leaves a route of the gateway’s own', async () => {
    const held = Promise.withResolvers<void>();
    stripe.answerWith(async (_request, response) => {
      await held.promise;
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"id":"cus_5"}');
    });
    const line = dial(world.gateway.port);
    const body = '{"email":"a@example.com"}';
    const head = ['POST /stripe/customers HTTP/1.1', 'Host: a', `Authorization: Bearer ${tokens.admin}`];
    line.send([...head, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n'));
    await stripe.arrived(1);
    line.socket.destroy();
    await world.gateway.logged(({ path, cutOff }) => path === '/stripe/customers' && cutOff === true);
    held.resolve();
    expect(await noted(1)).toMatchObject([{ path: '/customers', upstream_id: 'cus_5', status: null, code: null }]);
  });

  it('but not while the breaker is open, as nothing is sent', async () => {
    const gateway = stopLater(
      await startGateway(world.environment, { config, limits: { breaker: { failures: 1, openMs: 60_000 } } }),
    );
    stripe.answerWith((_request, response) => response.destroy());
    expect((await send('/stripe/v1/customers', {}, gateway)).status).toBe(502);
    expect((await send('/stripe/v1/customers', {}, gateway)).status).toBe(503);
    stripe.reset();
    await send(messages, {}, gateway);
    expect(await noted(2)).toMatchObject([{ code: 'UPSTREAM_UNREACHABLE' }, { upstream: 'twilio' }]);
  });
});

describe('what Directus does not take', () => {
  it('is logged whole, with its code, and the others of the batch are written; callers notice nothing', async () => {
    directus.service.written.refuses = ({ path }) => (path === '/things/2' ? 'FAILED_VALIDATION' : undefined);
    const answers = await Promise.all([1, 2, 3].map((key) => send(`/deep/things/${key}`, { method: 'PUT' })));
    const items = await noted(2);
    const [line] = (await logged(1)).slice(-1);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(items.map(({ path }) => path).sort()).toEqual(['/things/1', '/things/3']);
    expect(line).toMatchObject({ level: 50, reason: 'refused', code: 'FAILED_VALIDATION' });
    expect(line?.item).toMatchObject({ path: '/things/2', user: 'user-admin', status: 200, action: 'update' });
  });

  it('for want of the right to is logged, and asked for no more than once', async () => {
    directus.service.written.refuses = () => 'FORBIDDEN';
    const before = (await logged(0)).length;
    await Promise.all([1, 2, 3].map((key) => send(`/deep/things/${key}`, { method: 'PUT' })));
    const lines = (await logged(before + 3)).slice(before);
    expect(lines.map(({ reason, code }) => [reason, code])).toEqual(Array(3).fill(['refused', 'FORBIDDEN']));
    expect(directus.service.written.items).toEqual([]);
    expect(directus.service.written.batches.reduce((sum, count) => sum + count)).toBe(3);
  });
});
