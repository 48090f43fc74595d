import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers/cus_1';
const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;

describe('the upstream’s own error reaches the caller as it is', () => {
  const errors: [number, string, string, Record<string, string>][] = [
    [400, 'application/json', '{"error":{"type":"invalid_request_error","param":"email"}}', { 'Request-Id': 'req_1' }],
    [402, 'application/json', '{"error":{"type":"card_error","decline_code":"fraudulent"}}', {}],
    [404, 'application/json', '{ "error" : { "code":"resource_missing" } }', { 'Stripe-Should-Retry': 'false' }],
    [409, 'application/json', '{"error":{"type":"idempotency_error"}}', { 'Stripe-Should-Retry': 'true' }],
    [422, 'application/xml', '<TwilioResponse><RestException/></TwilioResponse>', { 'Twilio-Request-Id': 'RQ1' }],
    [429, 'application/json', '{"code":20429,"status":429}', { 'Retry-After': '3' }],
    [500, 'text/html', '<h1>Oops</h1>', {}],
    [503, 'application/json', '{}', { 'Retry-After': '9' }],
  ];

  it.each(errors)('%i %s', async (status, type, body, headers) => {
    world.stripe.answerWith((_request, response) => {
      response.writeHead(status, { 'Content-Type': type, ...headers }).end(body);
    });
    const answer = await caller.get(customers).set(as(tokens.reader));

    expect([answer.status, answer.headers['content-type'], answer.text ?? String(answer.body)]).toEqual([
      status,
      type,
      body,
    ]);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name.toLowerCase()]).toBe(value);
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('and so does a redirect, which is not followed with the credential', async () => {
    const elsewhere = await startRecordingUpstream();
    world.twilio.answerWith((_request, response) => {
      response.writeHead(307, { Location: `${elsewhere.origin}/media` }).end();
    });
    const answer = await caller.get(messages).set(as(tokens.reader)).redirects(0);
    const followed = elsewhere.wire.received();
    await elsewhere.stop();

    expect([answer.status, answer.headers.location]).toEqual([307, `${elsewhere.origin}/media`]);
    expect(followed).toBe('');
    expect(world.twilio.seen).toHaveLength(1);
  });
});

describe('an error about the gateway’s own credential becomes 502, and the caller sees nothing of it', () => {
  it.each([
    [401, customers],
    [403, customers],
    [407, customers],
    [401, messages],
    [403, messages],
  ])('%i on %s', async (status, path) => {
    const echo = `Invalid API Key provided: ${secrets.stripeKey} ${secrets.twilioToken} AC****6789`;
    for (const upstream of [world.stripe, world.twilio]) {
      upstream.answerWith((_request, response) => {
        const headers = { 'WWW-Authenticate': `Basic realm="${echo}"`, 'X-Echo': echo, 'Content-Encoding': 'br' };
        response.writeHead(status, headers).end(JSON.stringify({ error: { message: echo } }));
      });
    }
    const answer = await caller.get(path).set(as(tokens.reader));

    expect(answer.status).toBe(502);
    const message = "The upstream refused the gateway's own credential.";
    expect(answer.body.errors).toEqual([{ message, extensions: { code: 'UPSTREAM_CREDENTIAL_REJECTED' } }]);
    expect(world.gateway.wire.sent() + world.gateway.logs()).not.toMatch(/canary|\*{4}6789/);
    for (const name of ['www-authenticate', 'x-echo', 'content-encoding'])
      expect(answer.headers).not.toHaveProperty(name);
  });

  it('however large or unfinished the upstream’s answer is', async () => {
    world.stripe.answerWith((request, response) => {
      response
        .writeHead(401, { 'Content-Length': '900000' })
        .write('x'.repeat(100_000), () => request.socket.destroy());
    });
    const answer = await caller.get(customers).set(as(tokens.reader));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
  });

  it('while the caller is still sending', async () => {
    world.stripe.answerHeadWith((request, response) => {
      response.writeHead(401).end();
      request.resume();
    });
    const answer = await caller.post(customers).set(as(tokens.creator)).type('text/plain').send('x'.repeat(3_000_000));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
  });
});

describe('an error of the gateway itself', () => {
  const errors: [number, string, string, string][] = [
    [401, 'INVALID_CREDENTIALS', customers, ''],
    [403, 'FORBIDDEN', customers, tokens.nobody],
    [400, 'INVALID_PAYLOAD', '/stripe/v1/customers?access_token=a', tokens.reader],
    [401, 'INVALID_CREDENTIALS', messages, ''],
    [403, 'FORBIDDEN', '/twilio/2010-04-01/Accounts.json', tokens.admin],
    [404, 'ROUTE_NOT_FOUND', '/stripe', tokens.admin],
    [404, 'ROUTE_NOT_FOUND', '/nowhere/x', tokens.admin],
    [404, 'ROUTE_NOT_FOUND', '/stripes/v1/customers', tokens.admin],
  ];

  it.each(errors)(
    '%i %s on %s is one that Stripe’s and Twilio’s clients throw as well',
    async (status, code, path, token) => {
      const answer = await caller.get(path).set(token === '' ? {} : as(token));

      const { message } = answer.body.errors[0];
      expect(message).toEqual(expect.stringMatching(/^[A-Z].+[.?]$/));
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({
        errors: [{ message, extensions: expect.objectContaining({ code }) }],
        error: { type: 'invalid_request_error', code, message },
        code: status === 401 ? 20003 : 20000 + status,
        message,
        status,
      });
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
    },
  );

  it.each([
    [404, 'ROUTE_NOT_FOUND', '/server/x'],
    [404, 'ROUTE_NOT_FOUND', '/gateway/nothing/of/the/kind'],
  ])('%i %s on %s is a plain one of Directus', async (status, code, path) => {
    const answer = await caller.get(path).set(as(tokens.admin));

    expect([answer.status, Object.keys(answer.body)]).toEqual([status, ['errors']]);
    const message = `Route ${path} doesn't exist.`;
    expect(answer.body.errors).toEqual([{ message, extensions: { path, code } }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});
