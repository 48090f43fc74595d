import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { ask, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';

const world = await useWorld();
const bearer = `Authorization: Bearer ${tokens.admin}`;
const get = (target: string) => ask(world.gateway.port, [`GET ${target} HTTP/1.1`, bearer]);
const nothing = () => expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');
const own = `/twilio/2010-04-01/Accounts/${accountSid}`;

describe('what a caller asks for is byte for byte what the upstream sees', () => {
  const targets: [string, string][] = [
    ['/stripe/v1/customers/cus_1', 'plain'],
    ['/stripe/v1/customers/a.b..c', 'dots inside a segment'],
    ['/stripe/v1/customers/...', 'three dots are a name'],
    ['/stripe/v1/customers/a~b-c_d', 'unreserved characters'],
    ["/stripe/v1/customers/a!b$c&d'e(f)g*h+i,j=k:l@m", 'sub-delimiters stay bare'],
    ['/stripe/v1/customers/a%20b', 'an encoded blank stays encoded'],
    ['/stripe/v1/customers/%C3%A4', 'UTF-8 stays encoded'],
    ['/stripe/v1/customers/%c3%a4', 'the case of encoding stays'],
    ['/stripe/v1/customers/%2B%3a', 'encoded delimiters stay encoded'],
    ['/stripe/v1/customers?a=/../b%2e%2e//;c', 'a query is no path'],
    ['/stripe/v1/customers?a?b', 'a question mark in the query'],
    [`${own}/Messages.json?DateSent%3E=2026-01-01&To=%2B1&To=%2B2`, 'raw and repeated names'],
  ];

  it.each(targets)('%s (%s)', async (target) => {
    const received = await get(target);

    expect(statusOf(received)).toBe(200);
    const seen = [...world.stripe.seen, ...world.twilio.seen].map((request) => request.target);
    expect(seen).toEqual([target.replace(/^\/[^/]+/, '')]);
  });
});

describe('a path that two readers might understand differently is refused with 400, and the upstream sees nothing', () => {
  const targets: [string, string][] = [
    ['/stripe/v1/customers/../balance', 'dot segments'],
    ['/stripe/v1/customers/..', 'dot segments at the end'],
    ['/stripe/v1/./customers', 'a single dot'],
    ['/stripe/v1/customers/%2e%2e/balance', 'encoded dots'],
    ['/stripe/v1/customers/%2E./balance', 'half encoded dots'],
    ['/stripe/v1/customers/.%2e/balance', 'half encoded dots'],
    ['/stripe/v1/customers/%252e%252e/balance', 'doubly encoded dots'],
    ['/stripe/v1/customers/%25', 'an encoded percent sign'],
    ['/stripe/v1/customers/..%2fbalance', 'an encoded slash'],
    ['/stripe/v1/customers%2F..%2Fbalance', 'encoded slashes'],
    ['/stripe/v1/customers/..%5cbalance', 'an encoded backslash'],
    ['/stripe/v1/customers/..\\balance', 'a backslash'],
    ['/stripe/v1/customers?a=\\b', 'a backslash in the query, which some read as a slash'],
    ['/stripe\\v1\\customers', 'backslashes for slashes'],
    ['//stripe/v1/customers', 'an empty first segment'],
    ['//evil.test/stripe/v1/customers', 'what a browser reads as a host'],
    ['/stripe//v1/customers', 'an empty segment'],
    ['/stripe/v1//customers', 'an empty segment'],
    ['/stripe/v1/customers//', 'an empty segment at the end'],
    ['/stripe/v1/customers;x=1', 'a path parameter'],
    ['/stripe/v1/customers/..;/balance', 'dots with a path parameter'],
    ['/stripe/v1/customers/%3b', 'an encoded semicolon'],
    ['/stripe/v1/customers/%3fa=1', 'an encoded question mark'],
    ['/stripe/v1/customers/%23', 'an encoded hash'],
    ['/stripe/v1/customers#fragment', 'a fragment'],
    ['/stripe/v1/customers?a=1#fragment', 'a fragment after the query'],
    ['/stripe/v1/customers/%00', 'a null byte'],
    ['/stripe/v1/customers%00.json', 'a null byte'],
    ['/stripe/v1/customers%0d%0aX-Injected:%201', 'a line break'],
    ['/stripe/v1/customers%7f', 'a control character'],
    ['/stripe/v1/customer%73', 'an encoded letter'],
    ['/%73tripe/v1/customers', 'an encoded letter in the upstream’s name'],
    ['/stripe/v1/customers/%c0%ae%c0%ae/balance', 'overlong UTF-8'],
    ['/stripe/v1/customers/%ff', 'no UTF-8'],
    ['/stripe/v1/customers/%', 'a lone percent sign'],
    ['/stripe/v1/customers/%2', 'half an encoding'],
    ['/stripe/v1/customers/%zz', 'no encoding'],
    ['/stripe/v1/customers/%u002e', 'an encoding of its own kind'],
    ['/stripe/v1/customers/{id}', 'braces'],
    ['/stripe/v1/customers/a|b', 'a bar'],
    ['/stripe/v1/customers/\xe4', 'a byte beyond ASCII'],
    ['/stripe/v1/customers?q=\xe4', 'a byte beyond ASCII in the query'],
    ['http://api.stripe.com/stripe/v1/customers', 'the absolute form'],
    ['http://evil.test/v1/customers', 'the absolute form, another host'],
    ['https://api.stripe.com/v1/customers', 'the absolute form, https'],
    ['stripe/v1/customers', 'no slash'],
    ['*', 'the asterisk form'],
    ['api.stripe.com:443', 'the authority form'],
  ];

  it.each(targets)('%s (%s)', async (target) => {
    const received = await get(target);

    expect(statusOf(received)).toBe(400);
    expect(world.directus.asked).toEqual([]);
    nothing();
  });
});

describe('a final slash counts: no rule is for a path with one, and the upstream sees nothing', () => {
  it.each(['/stripe/v1/customers/', '/stripe/v1/customers/cus_1/', '/stripe/', `${own}/Messages.json/`])(
    '%s',
    async (target) => {
      const received = await get(target);

      expect(statusOf(received)).toBe(403);
      expect(received).toContain('"code":"FORBIDDEN"');
      nothing();
    },
  );
});

describe('a caller does not reach another account of Twilio', () => {
  const other = 'AC00000000000000000000000000000002';
  const accounts: [string, number, string][] = [
    [other, 403, 'another one'],
    [accountSid.toLowerCase(), 403, 'its own in another case, which Twilio might take for another'],
    [`${accountSid}.json`, 403, 'an extension'],
    [`${accountSid}0`, 403, 'one more digit'],
    [accountSid.slice(0, -1), 403, 'one digit less'],
    [`%41${accountSid.slice(1)}`, 400, 'an encoded letter'],
    [`${accountSid.slice(0, -1)}%31`, 400, 'an encoded digit'],
    [`${other}/../${accountSid}`, 400, 'dot segments'],
    [`${accountSid}/../${other}`, 400, 'dot segments'],
    [`${accountSid}%2f..%2f${other}`, 400, 'encoded dot segments'],
    [`${accountSid};${other}`, 400, 'a path parameter'],
    [`${accountSid}%00${other}`, 400, 'a null byte'],
    [`${accountSid}%20`, 403, 'a blank'],
    [`${accountSid}%C2%A0`, 403, 'a no-break space'],
  ];

  it.each(accounts)('%s gives %i (%s)', async (account, status) => {
    const received = await get(`/twilio/2010-04-01/Accounts/${account}/Messages.json`);

    expect(statusOf(received)).toBe(status);
    nothing();
  });
});

describe('a route that no upstream has is answered 404', () => {
  it.each([
    ['/nowhere/v1/customers'],
    ['/stripe'],
    ['/twilio'],
    ['/Stripe/v1/customers'],
    ['/STRIPE/v1/customers'],
    ['/stripe.json'],
    ['/constructor/x'],
    ['/__proto__/x'],
    ['/server'],
    ['/server/Ping'],
    ['/server/ping/'],
  ])('%s', async (target) => {
    const received = await get(target);

    expect(statusOf(received)).toBe(404);
    expect(received).toContain(`"message":"Route ${target} doesn't exist."`);
    nothing();
  });
});

it('the root is a route that does not exist', async () => {
  const answer = await supertest(world.gateway.url).get('/');

  expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
});
