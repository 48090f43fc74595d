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
    expect(received).toContain(`"message":"Route ${target} doesn't exist.`);
    nothing();
  });
});

it('the root is a route that does not exist', async () => {
  const answer = await supertest(world.gateway.url).get('/');

  expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
});
