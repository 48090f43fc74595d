import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { ask, statusOf } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, tokens } from '../world/world.ts';

const world = await useWorld({ MAX_PAYLOAD_SIZE: '10kb' });
const customers = '/stripe/v1/customers';
const account = `/twilio/2010-04-01/Accounts/${accountSid}`;
const messages = `${account}/Messages.json`;
const bearer = `Authorization: Bearer ${tokens.creator}`;
const formType = 'application/x-www-form-urlencoded';
const from = `From=${encodeURIComponent(phoneNumber)}`;

const post = (path: string, type: string, body: string | Buffer) =>
  ask(
    world.gateway.port,
    [`POST ${path} HTTP/1.1`, bearer, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`],
    body,
  );

describe('a body that need not be rewritten streams byte for byte, however large', () => {
  const boundary = 'x-boundary';
  const multipart = Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n`),
    randomBytes(3_000_000),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const bodies: [string, string, string, string | Buffer][] = [
    ['a file', customers, `multipart/form-data; boundary=${boundary}`, multipart],
    ['a form', customers, formType, 'expand[]=a&expand%5B%5D=b&a=%20+%2B&&=&a=1&b'],
    ['a form of 30 kB', customers, formType, `name=${'x'.repeat(30_000)}`],
    ['text', customers, 'text/plain', '{"a":1}'],
    ['JSON of another type', customers, 'application/vnd.api+json', '{"a":1}'],
    ['a type that only begins like JSON', customers, 'application/jsonp', '{"a":1}'],
    ['bytes', customers, 'application/octet-stream', randomBytes(50_000)],
  ];

  it.each(bodies)('%s', async (_what, path, type, body) => {
    const received = await post(path, type, body);

    expect(statusOf(received)).toBe(200);
    const [seen, ...more] = [...world.stripe.seen, ...world.twilio.seen];
    expect(more).toEqual([]);
    expect(seen?.bytes.equals(Buffer.from(body))).toBe(true);
    expect(seen?.headers).toMatchObject({ 'content-type': type, 'content-length': `${Buffer.byteLength(body)}` });
  });

  it('in chunks', async () => {
    const lines = [`POST ${customers} HTTP/1.1`, bearer, `Content-Type: ${formType}`, 'Transfer-Encoding: chunked'];
    await ask(world.gateway.port, lines, '3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n');

    expect(world.stripe.seen).toMatchObject([{ body: 'a=1&b=2', headers: { 'transfer-encoding': 'chunked' } }]);
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('content-length');
  });

  it('or there is none', async () => {
    await ask(world.gateway.port, [
      `POST ${customers}/cus_1 HTTP/1.1`,
      bearer,
      'Content-Type: application/json',
      'Content-Length: 0',
    ]);
    await ask(world.gateway.port, [
      `GET ${messages} HTTP/1.1`,
      `Authorization: Bearer ${tokens.reader}`,
      'Content-Type: application/json',
    ]);

    expect(world.stripe.seen).toMatchObject([{ body: '', headers: { 'content-length': '0' } }]);
    expect(world.twilio.seen).toMatchObject([{ method: 'GET', body: '' }]);
  });
});

describe('the gateway’s phone number is the sender where the caller names none', () => {
  const calls: [string, string, string, string, string][] = [
    ['a message', messages, formType, 'To=%2B2&Body=hi', `To=%2B2&Body=hi&${from}`],
    [
      'a message, byte for byte before it',
      messages,
      formType,
      'To=+2&&Body=a%20b&MediaUrl=a&MediaUrl=b',
      `To=+2&&Body=a%20b&MediaUrl=a&MediaUrl=b&${from}`,
    ],
    ['a message as JSON', messages, 'application/json', '{"To":"+2"}', `To=%2B2&${from}`],
    ['a message asked for as XML', `${account}/Messages`, formType, 'To=%2B2', `To=%2B2&${from}`],
    ['a call', `${account}/Calls.json`, formType, 'Twiml=x', `Twiml=x&${from}`],
    [
      'a call, which knows no messaging service',
      `${account}/Calls.json`,
      formType,
      'MessagingServiceSid=MG1',
      `MessagingServiceSid=MG1&${from}`,
    ],
    ['a name that only looks like it', messages, formType, 'Fromx=1', `Fromx=1&${from}`],
  ];

  it.each(calls)('%s', async (_what, path, type, body, expected) => {
    await post(path, type, body);

    expect(world.twilio.seen.map((request) => request.body)).toEqual([expected]);
    expect(world.twilio.seen[0]?.headers['content-length']).toBe(`${expected.length}`);
  });

  const named: [string, string, string, string][] = [
    ['a sender', messages, formType, 'From=%2B15550001111&Body=hi'],
    ['a sender, its name encoded', messages, formType, '%46rom=%2B15550001111'],
    ['a messaging service', messages, formType, 'MessagingServiceSid=MG1'],
    ['an empty sender', messages, formType, 'From='],
    ['a call under way', `${account}/Calls/CA1.json`, formType, 'Status=completed'],
    ['one message', `${account}/Messages/SM1.json`, formType, 'Body='],
  ];

  it.each(named)('and is not added to: %s', async (_what, path, type, body) => {
    await post(path, type, body);

    expect(world.twilio.seen.map((request) => request.body)).toEqual([body]);
  });

  it('and without a phone number in the set-up the body stays as it is', async () => {
    const { TWILIO_PHONE_NUMBER: _none, ...environment } = world.environment;
    const gateway = await startGateway(environment);
    await supertest(gateway.url).post(messages).set(as(tokens.creator)).type('form').send('To=%2B2');
    await gateway.stop();

    expect(world.twilio.seen.map(({ body }) => body)).toEqual(['To=%2B2']);
  });
});
