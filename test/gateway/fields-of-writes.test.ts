import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head, statusOf } from '../world/dial.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const messages = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
const seen = () => [...world.stripe.seen, ...world.twilio.seen].map(({ target, body }) => [target, body]);
const nothingSent = () => expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');

/** A user who may send these fields only. */
function mayCreate(fields: readonly string[], presets: object = {}): string {
  const create = { access: 'full', fields, presets };
  const token = `canaryTokenFields${world.directus.users.size}`;
  world.directus.users.set(token, { id: 'user-limited', permissions: { customers: { create }, messages: { create } } });
  return token;
}
const limited = mayCreate(['email', 'metadata', 'address.city', 'invoice_settings.custom_fields', 'Body', 'MediaUrl']);
const form = (body: string) => caller.post(customers).set(as(limited)).type('form').send(body);

describe('a caller whose permission lists fields sends those, and the upstream sees them as they were written', () => {
  it.each([
    ['a form', 'form', 'email=a%40b.c', 'email=a%40b.c'],
    ['a form in its own spelling', 'form', 'email=a@b.c+d', 'email=a@b.c+d'],
    ['JSON', 'json', '{"email":"a@b.c"}', 'email=a%40b.c'],
    ['below a listed top name', 'form', 'metadata[any][thing]=1', 'metadata[any][thing]=1'],
    ['below a listed top name, in JSON', 'json', '{"metadata":{"k":"v"}}', 'metadata%5Bk%5D=v'],
    ['by the listed dotted path', 'form', 'address[city]=Ulm', 'address[city]=Ulm'],
    ['by the listed dotted path, encoded', 'form', 'address%5Bcity%5D=Ulm', 'address%5Bcity%5D=Ulm'],
    ['by the listed dotted path, in JSON', 'json', '{"address":{"city":"Ulm"}}', 'address%5Bcity%5D=Ulm'],
    [
      'a list below a listed dotted path',
      'form',
      'invoice_settings[custom_fields][0][name]=a&invoice_settings[custom_fields][1][name]=b',
      'invoice_settings[custom_fields][0][name]=a&invoice_settings[custom_fields][1][name]=b',
    ],
  ])('%s', async (_what, type, body, expected) => {
    const answer = await caller.post(customers).set(as(limited)).type(type).send(body);

    expect([answer.status, answer.body]).toEqual([200, {}]); // `ok` is not listed
    expect(seen()).toEqual([['/v1/customers', expected]]);
  });

  it('in the query of a write too', async () => {
    await caller.post(`${customers}?email=a`).set(as(limited));

    expect(seen()).toEqual([['/v1/customers?email=a', '']]);
  });

  it('to Twilio, where one name several times is a list', async () => {
    await caller.post(messages).set(as(limited)).type('form').send('Body=a&MediaUrl=b&MediaUrl=c');

    expect(world.twilio.seen.map(({ body }) => body)).toEqual(['Body=a&MediaUrl=b&MediaUrl=c&From=%2B15550001111']);
  });
});

describe('what is not listed is refused by name, and the upstream sees nothing', () => {
  it.each([
    ['a form', 'form', '', 'email=a&balance=-5&coupon=x', ['balance', 'coupon']],
    ['JSON', 'json', '', '{"email":"a","balance":-5}', ['balance']],
    ['the query', 'form', '?balance=-5', 'email=a', ['balance']],
    ['the query alone', 'form', '?coupon=a', '', ['coupon']],
    ['an encoded name', 'form', '', '%62alance=-5', ['balance']],
    ['another case', 'form', '', 'Email=a', ['Email']],
    ['a nested name', 'form', '', 'shipping[name]=a', ['shipping[name]']],
    ['a nested name, in JSON', 'json', '', '{"shipping":{"name":"a"}}', ['shipping[name]']],
    ['beside the listed dotted path', 'form', '', 'address[city]=a&address[line1]=b', ['address[line1]']],
    ['beside the listed dotted path, in JSON', 'json', '', '{"address":{"city":"a","line1":"b"}}', ['address[line1]']],
    ['the top of a listed dotted path', 'form', '', 'address=', ['address']],
    ['a parameter without a value', 'form', '', 'balance', ['balance']],
    ['an emptied parameter', 'json', '', '{"balance":null}', ['balance']],
    ['an expansion that is not listed', 'form', '', 'email=a&expand[]=default_source', ['expand[]']],
  ])('in %s', async (_where, type, query, body, fields) => {
    const answer = await caller
      .post(customers + query)
      .set(as(limited))
      .type(type)
      .send(body);

    expect(answer.status).toBe(403);
    expect(answer.body.errors[0].extensions).toEqual({ code: 'FORBIDDEN', collection: 'customers', fields });
    expect(answer.body.errors[0].message).toContain(`"${fields[0]}"`);
    nothingSent();
    const line = await world.gateway.logged(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line).toMatchObject({ code: 'FORBIDDEN', reason: 'unlisted_field' });
  });

  it('to POST /stripe/customers, which the gateway makes itself', async () => {
    const answer = await caller.post('/stripe/customers').set(as(limited)).send({ email: 'a', name: 'b' });

    expect([answer.status, answer.body.errors[0].extensions.fields]).toEqual([403, ['name']]);
    nothingSent();
  });

  it('by a caller whose permission lists no field at all', async () => {
    const answer = await caller
      .post(customers)
      .set(as(mayCreate([])))
      .type('form')
      .send('email=a');

    expect(answer.status).toBe(403);
    nothingSent();
  });
});

describe('a body that two readers might understand differently is refused, and the upstream sees nothing', () => {
  it.each([
    ['one name twice', 'email=a&email=b', 400],
    ['one name twice, once encoded', 'email=a&%65mail=b', 400],
    ['a value beside a list', 'metadata=1&metadata[]=2', 400],
    ['a value beside an object', 'email=1&email[a]=2', 400],
    ['a list beside an object', 'metadata[]=1&metadata[a]=2', 400],
    ['a semicolon, which older parsers split at', 'email=a;balance=-5', 400],
    ['a name with an open bracket', 'email[=a', 400],
    ['a name that begins with a bracket', '[email]=a', 400],
    ['text after a bracket', 'email[a]b=1', 400],
    ['a blank before the name', '+email=a', 400],
    ['a zero byte in the name', 'email%00x=a', 400],
    ['bytes that are no UTF-8', '%ffemail=a', 400],
    ['half an escape', 'email=%4', 400],
    ['a dot in a name, which PHP reads as an underscore', 'address.city=Ulm', 400],
    ['no name', '=a', 400],
  ])('%s', async (_what, body, status) => {
    expect((await form(body)).status).toBe(status);
    nothingSent();
  });

  it('between query and body', async () => {
    expect((await caller.post(`${customers}?email=a`).set(as(limited)).type('form').send('email=b')).status).toBe(400);
    nothingSent();
  });

  it('amount beside amount[], even where amount is listed', async () => {
    const token = mayCreate(['amount']);
    const answer = await caller.post(customers).set(as(token)).type('form').send('amount=1&amount[]=2');

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
    nothingSent();
  });

  it.each([
    [
      'multipart',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="balance"\r\n\r\n5\r\n--x--\r\n',
    ],
    ['text', 'text/plain', 'email=a'],
    ['no type', '', 'email=a'],
    ['XML', 'application/xml', '<email>a</email>'],
    ['two types at once', 'application/x-www-form-urlencoded, multipart/form-data', 'email=a'],
    ['another charset', 'application/x-www-form-urlencoded; charset=utf-7', 'email=a'],
  ])('%s', async (_what, type, body) => {
    const call = dial(world.gateway.port);
    const lines = [`Authorization: Bearer ${limited}`, `Content-Length: ${body.length}`, 'Connection: close'];
    call.send(head(`POST ${customers} HTTP/1.1`, ...lines, ...(type === '' ? [] : [`Content-Type: ${type}`])) + body);

    expect(statusOf(await call.closed)).toBe(415);
    nothingSent();
  });

  it('compressed', async () => {
    const encoded = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await caller
      .post(customers)
      .set({ ...as(limited), ...encoded })
      .send(gzipSync('email=a'));

    expect(answer.status).toBe(415);
    nothingSent();
  });
});
