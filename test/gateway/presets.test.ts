import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head } from '../world/dial.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';

/** A user who may send these fields, with presets. */
function mayCreate(fields: readonly string[], presets: object): string {
  const create = { access: 'full', fields, presets };
  const token = `canaryTokenPresets${world.directus.users.size}`;
  world.directus.users.set(token, { id: 'user-limited', permissions: { customers: { create }, messages: { create } } });
  return token;
}
const post = (token: string, body: string, type = 'form') =>
  caller.post(customers).set(as(token)).type(type).send(body);
const bodies = () => world.stripe.seen.map(({ body }) => body);

describe('a preset', () => {
  const forced = mayCreate(['email'], { description: 'by Directus' });
  const filled = mayCreate(['*'], { description: 'by Directus', metadata: { source: 'Directus', of: 3 } });

  it.each([
    ['a form', 'email=a', 'form', 'email=a&description=by+Directus'],
    ['JSON', '{"email":"a"}', 'json', 'email=a&description=by+Directus'],
    ['nothing', '', 'form', 'description=by+Directus'],
  ])('is added to %s', async (_what, body, type, expected) => {
    expect((await post(forced, body, type)).status).toBe(200);
    expect(bodies()).toEqual([expected]);
    expect(world.stripe.seen[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(expected.length),
    });
  });

  it.each([
    ['in the body', '', 'email=a&description=mine'],
    ['in the query', '?description=mine', 'email=a'],
    ['as an object', '', 'description[x]=mine'],
    ['emptied', '', 'description='],
  ])('on a field that is not listed is forced: another value %s is refused', async (_where, query, body) => {
    const answer = await caller
      .post(customers + query)
      .set(as(forced))
      .type('form')
      .send(body);

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('that is an object is sent as the upstream reads objects', async () => {
    await post(filled, 'email=a');

    expect(decodeURIComponent(bodies()[0] ?? '')).toBe(
      'email=a&description=by+Directus&metadata[source]=Directus&metadata[of]=3',
    );
  });

  it.each([
    ['its name', 'description=mine&metadata[a]=1'],
    ['its name in a list', 'description[]=mine&metadata[a]=1'],
    ['its name, emptied', 'description=&metadata[a]=1'],
  ])('on a listed field gives way to the caller’s own value: %s', async (_what, body) => {
    await post(filled, body);

    expect(bodies()).toEqual([body]);
  });

  it('of an object of which the caller may send another part only is forced all the same', async () => {
    const token = mayCreate(['email', 'metadata.note'], { metadata: { source: 'Directus' } });
    const answer = await post(token, 'email=a&metadata[note]=mine');

    // refused, or both: never without the preset
    if (answer.status === 200) expect(decodeURIComponent(bodies()[0] ?? '')).toContain('metadata[source]=Directus');
    else expect([answer.status, bodies()]).toEqual([403, []]);
  });

  it('of the sender goes before TWILIO_PHONE_NUMBER', async () => {
    const token = mayCreate(['Body', 'To'], { From: '+15557654321' });
    await caller
      .post(`/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`)
      .set(as(token))
      .type('form')
      .send('Body=a');

    expect(world.twilio.seen.map(({ body }) => body)).toEqual(['Body=a&From=%2B15557654321']);
  });

  it('fills in what the gateway sends itself', async () => {
    world.stripe.answerWith((_request, response) =>
      response.setHeader('Content-Type', 'application/json').end('{"id":"cus_1","object":"customer"}'),
    );
    await caller.post('/stripe/customers').set(as(forced)).send({ email: 'a' });

    expect([...new URLSearchParams(bodies()[0])].sort()).toEqual([
      ['description', 'by Directus'],
      ['email', 'a'],
    ]);
  });
});

describe('a write streams', () => {
  const lines = ['Content-Type: application/x-www-form-urlencoded', 'Transfer-Encoding: chunked', 'Connection: close'];
  const open = (token: string) => {
    const call = dial(world.gateway.port);
    call.send(`${head(`POST ${customers} HTTP/1.1`, `Authorization: Bearer ${token}`, ...lines)}8\r\nemail=ab\r\n`);
    return call;
  };

  it('when every field is allowed: the upstream has its beginning before the caller has sent its end', async () => {
    const first = Promise.withResolvers<string>();
    world.stripe.answerHeadWith((request, response) => {
      request.once('data', (chunk) => first.resolve(String(chunk)));
      request.on('end', () => response.end('{}'));
    });
    const call = open(tokens.creator);

    expect(await first.promise).toBe('email=ab');
    call.send('3\r\n&a=\r\n0\r\n\r\n');
    expect(await call.closed).toContain('HTTP/1.1 200');
  }, 2_000);

  it('never under listed fields: what comes last is judged before the upstream sees the beginning', async () => {
    const call = open(mayCreate(['email'], {}));
    await world.directus.arrived(1);
    call.send('a\r\n&balance=5\r\n0\r\n\r\n');

    expect(await call.closed).toContain('HTTP/1.1 403');
    expect(world.stripe.wire.received()).toBe('');
  });
});
