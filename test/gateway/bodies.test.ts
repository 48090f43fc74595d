import { describe, expect, it } from '@jest/globals';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld({ MAX_PAYLOAD_SIZE: '10kb' });
const customers = '/stripe/v1/customers';
const account = `/twilio/2010-04-01/Accounts/${accountSid}`;
const messages = `${account}/Messages.json`;
const bearer = `Authorization: Bearer ${tokens.creator}`;
const formType = 'application/x-www-form-urlencoded';

const post = (path: string, type: string, body: string | Buffer, ...lines: string[]) =>
  ask(
    world.gateway.port,
    [`POST ${path} HTTP/1.1`, bearer, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`, ...lines],
    body,
  );
const postJson = (path: string, value: unknown) => post(path, 'application/json', Buffer.from(JSON.stringify(value)));

describe('a caller sends JSON, and Stripe gets its own form', () => {
  const bodies: [string, unknown, string][] = [
    ['values', { email: 'a@example.com', n: 7, f: 1.5, yes: true }, 'email=a%40example.com&n=7&f=1.5&yes=true'],
    ['nested objects', { metadata: { a: { b: 'c' } } }, 'metadata%5Ba%5D%5Bb%5D=c'],
    ['lists', { items: [{ price: 'p' }, { price: 'q' }] }, 'items%5B0%5D%5Bprice%5D=p&items%5B1%5D%5Bprice%5D=q'],
    ['null, which unsets', { name: null }, 'name='],
    ['an empty text', { name: '' }, 'name='],
    ['empty lists and objects, which are left out', { a: [], b: {}, c: 1 }, 'c=1'],
    ['names and values that need encoding', { 'a&b=c': 'ä ö&=+%' }, 'a%26b%3Dc=%C3%A4+%C3%B6%26%3D%2B%25'],
    ['line breaks and quotes', { name: 'a\r\nX: "b"' }, 'name=a%0D%0AX%3A+%22b%22'],
    [
      'names of Object.prototype',
      JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
      '__proto__%5Bx%5D=1&constructor=2',
    ],
    ['an empty object', {}, ''],
  ];

  it.each(bodies)('%s', async (_what, value, form) => {
    const received = await postJson(customers, value);

    expect(statusOf(received)).toBe(200);
    expect(world.stripe.seen.map(({ body }) => body)).toEqual([form]);
    expect(world.stripe.seen[0]?.headers).toMatchObject({
      'content-type': formType,
      'content-length': `${form.length}`,
    });
  });

  it.each([['application/json; charset=utf-8'], ['Application/JSON'], ['application/json;charset="UTF-8"']])(
    'as %s',
    async (type) => {
      await post(customers, type, '{"a":1}');

      expect(world.stripe.seen.map(({ body }) => body)).toEqual(['a=1']);
    },
  );

  it('in chunks, and the length is known upstream', async () => {
    const lines = [
      `POST ${customers} HTTP/1.1`,
      bearer,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    await ask(world.gateway.port, lines, '4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n');

    expect(world.stripe.seen).toMatchObject([{ body: 'a=1', headers: { 'content-length': '3' } }]);
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('a caller sends JSON, and Twilio gets its own form', () => {
  const bodies: [string, unknown, string][] = [
    [
      'a list repeats its name',
      { MediaUrl: ['a', 'b'], From: '+15550001111' },
      'MediaUrl=a&MediaUrl=b&From=%2B15550001111',
    ],
    [
      'an object is JSON text',
      { ContentVariables: { 1: 'x' }, From: '+15550001111' },
      'ContentVariables=%7B%221%22%3A%22x%22%7D&From=%2B15550001111',
    ],
    ['null is empty', { Body: null, From: '+15550001111' }, 'Body=&From=%2B15550001111'],
  ];

  it.each(bodies)('%s', async (_what, value, form) => {
    await postJson(messages, value);

    expect(world.twilio.seen.map(({ body }) => body)).toEqual([form]);
  });
});

describe('a JSON body that is no object of parameters is refused with 400, and the upstream sees nothing', () => {
  const bodies: [string, string][] = [
    ['an empty list', '[]'],
    ['a list of objects', '[{"a":1}]'],
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"a=1"'],
    ['true', 'true'],
    ['an object that does not end', '{"a":1'],
    ['an object that ends twice', '{"a":1}}'],
    ['single quotes', "{'a':1}"],
    ['a form', 'a=1'],
    ['a blank', ' '],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['an integer that would change on the way', '{"n":9007199254740993}'],
    ['a number beyond all numbers', '{"n":1e400}'],
    ['more nesting than parameters have', `{"a":${'['.repeat(30)}${']'.repeat(30)}}`],
    ['nesting without end', '['.repeat(5_000)],
  ];

  it.each(bodies)('%s', async (_what, body) => {
    for (const path of [customers, messages]) {
      const received = await post(path, 'application/json', Buffer.from(body));
      expect(statusOf(received)).toBe(400);
      expect(received).toContain('"code":"INVALID_PAYLOAD"');
    }
    expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');
  });

  it('nor is one that is not UTF-8', async () => {
    const received = await post(customers, 'application/json', Buffer.from('7b2261223a22ff227d', 'hex'));

    expect(statusOf(received)).toBe(400);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('a body that would have to be rewritten and cannot be is refused, and the upstream sees nothing', () => {
  const large = JSON.stringify({ name: 'x'.repeat(10_240) });
  const refused: [string, number, string, string, string[]][] = [
    ['larger than MAX_PAYLOAD_SIZE', 413, 'application/json', large, []],
    ['compressed', 415, 'application/json', '{}', ['Content-Encoding: gzip']],
    ['compressed twice', 415, 'application/json', '{}', ['Content-Encoding: gzip, br']],
    ['in another character set', 415, 'application/json; charset=utf-16', '{}', []],
    ['a form in another character set', 415, `${formType}; charset=iso-8859-1`, 'Body=a', []],
  ];

  it.each(refused)('%s: %i', async (_what, status, type, body, lines) => {
    const received = await post(messages, type, body, ...lines);

    expect(statusOf(received)).toBe(status);
    expect(world.twilio.wire.received()).toBe('');
  });

  it('larger than MAX_PAYLOAD_SIZE and in chunks, so that it shows only on the way: 413', async () => {
    const lines = [
      `POST ${customers} HTTP/1.1`,
      bearer,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    const call = dial(world.gateway.port);
    call.send(head(...lines));
    call.send(`${large.length.toString(16)}\r\n${large}\r\n`);
    const received = await call.until(/"errors":.*\}/);
    call.socket.destroy();

    expect(statusOf(received)).toBe(413);
    expect(received).toContain('"code":"CONTENT_TOO_LARGE"');
    expect(world.stripe.wire.received()).toBe('');
  });
});
