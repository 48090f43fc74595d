import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json } from '../world/answers.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { stripeError } from '../world/stripe-list.ts';
import { as, useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld({ MAX_PAYLOAD_SIZE: '10kb' });
const caller = supertest(world.gateway.url);
const create = (token: string = tokens.creator) => caller.post('/stripe/customers').set(as(token));
const made = { id: 'cus_1', object: 'customer', email: 'a@example.com', livemode: false };
const answerWithCustomer = () => world.stripe.answerWith((_request, response) => json(response, 200, made));

describe('a creator makes a customer and gets Stripe’s object', () => {
  const bodies: [string, string, string, string][] = [
    ['JSON', 'application/json', '{"email":"a@example.com"}', 'email=a%40example.com'],
    [
      'JSON with a name',
      'application/json; charset=utf-8',
      '{"email":"a@example.com","name":"Ä"}',
      'email=a%40example.com&name=%C3%84',
    ],
    [
      'a form',
      'application/x-www-form-urlencoded',
      'email=a%40example.com&name=A+B',
      'email=a%40example.com&name=A%20B',
    ],
  ];

  it.each(bodies)('from %s', async (_what, type, body, form) => {
    answerWithCustomer();
    const answer = await create().type(type).send(body);

    expect([answer.status, answer.body]).toEqual([200, made]);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(world.stripe.seen).toMatchObject([
      {
        method: 'POST',
        target: '/v1/customers',
        body: form,
        headers: { authorization: `Bearer ${secrets.stripeKey}` },
      },
    ]);
  });
});

describe('a body that makes no customer is refused, naming the parameter, and Stripe sees nothing', () => {
  const refused: [string, string, string, number, string][] = [
    ['no email', 'application/json', '{}', 400, '"email" is required'],
    ['no email in a form', 'application/x-www-form-urlencoded', 'name=a', 400, '"email" is required'],
    ['an empty email', 'application/json', '{"email":""}', 400, '"email" is required'],
    ['null for an email', 'application/json', '{"email":null}', 400, '"email" is required'],
    ['an email that is no text', 'application/json', '{"email":{"a":1}}', 400, '"email" is required'],
    ['a name that is no text', 'application/json', '{"email":"a@b.c","name":7}', 400, '"name" must be text'],
    ['another parameter', 'application/json', '{"email":"a@b.c","balance":-100}', 400, '"balance" is not allowed'],
    [
      'another parameter in a form',
      'application/x-www-form-urlencoded',
      'email=a&metadata[x]=1',
      400,
      '"metadata[x]" is not allowed',
    ],
    ['__proto__', 'application/json', '{"email":"a@b.c","__proto__":{"x":1}}', 400, '"__proto__" is not allowed'],
    ['a parameter twice', 'application/x-www-form-urlencoded', 'email=a&email=b', 400, 'given twice'],
    ['a list', 'application/json', '[]', 400, '"email" is required'],
    ['null', 'application/json', 'null', 400, '"email" is required'],
    ['no JSON', 'application/json', '{"email"', 400, 'not valid JSON'],
    ['no body', 'application/json', '', 400, 'not valid JSON'],
    ['text', 'text/plain', 'email=a', 415, 'JSON or a form'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--', 415, 'JSON or a form'],
    ['too much', 'application/json', `{"email":"${'a'.repeat(10_240)}"}`, 413, 'too large'],
  ];

  it.each(refused)('%s', async (_what, type, body, status, reason) => {
    const answer = await create().type(type).send(body);

    expect(answer.status).toBe(status);
    expect(answer.body.errors[0].message).toContain(reason);
    expect(answer.body.message).toBe(answer.body.errors[0].message);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('and it is said before anything is read when the caller may not create', async () => {
    expect((await create(tokens.reader).type('json').send('{"email"')).status).toBe(403);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('an Idempotency-Key', () => {
  async function keyFor(
    token: string,
    key: string,
    path = '/stripe/customers',
  ): Promise<string | string[] | undefined> {
    answerWithCustomer();
    await caller
      .post(path)
      .set({ ...as(token), 'Idempotency-Key': key })
      .send({ email: 'a@example.com' });
    return world.stripe.seen.at(-1)?.headers['idempotency-key'];
  }

  it.each([['/stripe/customers'], ['/stripe/v1/customers']])(
    'on %s reaches Stripe as one that is this caller’s alone: nobody is answered with what another has made',
    async (path) => {
      const mine = await keyFor(tokens.creator, 'order-1', path);

      expect(mine).toMatch(/^[0-9a-f]{64}$/);
      expect(await keyFor(tokens.creator, 'order-1', path)).toBe(mine);
      expect(await keyFor(tokens.creator, 'order-2', path)).not.toBe(mine);
      expect(await keyFor(tokens.admin, 'order-1', path)).not.toBe(mine);
    },
  );

  it('that the caller does not send is not made up where the request streams', async () => {
    await caller.post('/stripe/v1/customers').set(as(tokens.creator)).send({ email: 'a@example.com' });

    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it('of Twilio likewise', async () => {
    const token = { 'I-Twilio-Idempotency-Token': 'order-1' };
    const path = '/twilio/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json';
    await caller
      .post(path)
      .set({ ...as(tokens.creator), ...token })
      .send({ Body: 'a' });

    expect(world.twilio.seen[0]?.headers['i-twilio-idempotency-token']).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('when Stripe does not make the customer', () => {
  it.each([
    [
      400,
      { type: 'invalid_request_error', code: 'email_invalid', message: 'Invalid email address: a', param: 'email' },
    ],
    [402, { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline', message: 'Declined.' }],
    [429, { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' }],
  ])('%i: its error is passed on, and it is not asked again', async (status, error) => {
    world.stripe.answerWith((_request, response) => stripeError(response, status, error));
    const answer = await create().send({ email: 'a' });

    expect([answer.status, answer.body, answer.headers['request-id']]).toEqual([status, { error }, 'req_failed']);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('401: the caller hears of the gateway’s key only that it is refused', async () => {
    world.stripe.answerWith((_request, response) =>
      stripeError(response, 401, { message: 'Invalid API Key: sk_test_****6789' }),
    );
    const answer = await create().send({ email: 'a' });

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
    expect(world.gateway.wire.sent() + world.gateway.logs()).not.toContain('****6789');
  });

  it('500: every further try bears the same key, so that no second customer is made', async () => {
    world.stripe.answerWith((_request, response) =>
      stripeError(response, 500, { type: 'api_error', message: 'Oops.' }),
    );
    const answer = await create().send({ email: 'a' });

    expect([answer.status, answer.body.error.message]).toEqual([500, 'Oops.']);
    expect(new Set(world.stripe.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(world.stripe.seen[0]?.headers['idempotency-key']).toBeTruthy();
  });

  it('because nothing listens there: 502', async () => {
    const gone = await startRecordingUpstream();
    await gone.stop();
    const gateway = await startGateway({ ...world.environment, STRIPE_API_URL: gone.origin });
    const answer = await supertest(gateway.url).post('/stripe/customers').set(as(tokens.creator)).send({ email: 'a' });
    await gateway.stop();

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
  });
});
