import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json } from '../world/answers.ts';
import { dial, head, statusOf } from '../world/dial.ts';
import { items, type PageHook, stripeError, stripeList } from '../world/stripe-list.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const bearer = `Authorization: Bearer ${tokens.reader}`;
const get = (path: string) => supertest(world.gateway.url).get(path).set(as(tokens.reader));

type Respond = (response: ServerResponse) => void;
const stuck = { object: 'list', data: [{ id: 'pi_99' }], has_more: true };
const endless = { object: 'list', data: [], has_more: true };

/** Good pages until this one, which is answered otherwise. */
const from =
  (page: number, respond: Respond): PageHook =>
  (asked, _request, response) => {
    if (asked < page) return true;
    respond(response);
    return false;
  };

describe('a later page that fails breaks the connection, since a short list must not look complete, and the log says why', () => {
  const failures: [string, Respond][] = [
    ['an error of Stripe', (response) => stripeError(response, 400, { message: 'No.' })],
    ['a refusal of the gateway’s key', (response) => stripeError(response, 401, { message: 'sk_…' })],
    ['a page that is no list', (response) => json(response, 200, { object: 'customer' })],
    ['a page that is no JSON', (response) => response.end('<h1>it works</h1>')],
    ['a stuck cursor', (response) => json(response, 200, stuck)],
    ['more to come after an empty page', (response) => json(response, 200, endless)],
  ];

  it.each(failures)('%s', async (what, respond) => {
    const id = what.replaceAll(/\W/g, '-');
    world.stripe.answerWith(stripeList(items(150), from(2, respond)));
    const call = dial(world.gateway.port);
    call.send(head('GET /stripe/payments HTTP/1.1', bearer, `X-Request-Id: ${id}`));
    const received = await call.closed;

    expect(statusOf(received)).toBe(200);
    expect(received).toContain('"pi_99"');
    expect(received).not.toMatch(/\]\r\n|\r\n0\r\n|errors|"error"/);
    expect(world.stripe.seen).toHaveLength(2);
    expect(await world.gateway.logged((line) => line.requestId === id && line.msg === 'request')).toMatchObject({
      cutOff: true,
    });
    await fetch(`${world.gateway.url}/server/ping`); // whatever else there was to log of it is logged
    const lines = world.gateway
      .logs()
      .split('\n')
      .filter((line) => line.includes(id));
    expect(lines.join('\n')).toMatch(/UPSTREAM_|INTERNAL_/);
  });
});

describe('a first page that fails', () => {
  it('passes Stripe’s error and request id on', async () => {
    const message = "No such customer: 'cus_x'";
    const error = { type: 'invalid_request_error', code: 'resource_missing', message, param: 'customer' };
    world.stripe.answerWith((_request, response) => stripeError(response, 404, error));
    const answer = await get('/stripe/payments/cus_x');

    expect([answer.status, answer.body, answer.headers['request-id']]).toEqual([404, { error }, 'req_failed']);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it.each([[401], [403], [407]])('with %i about the gateway’s key gives 502 without it', async (status) => {
    world.stripe.answerWith((_request, response) =>
      stripeError(response, status, { message: 'Bad key sk_test_****6789' }),
    );
    const answer = await get('/stripe/payments');

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
    expect(world.gateway.wire.sent() + world.gateway.logs()).not.toContain('****6789');
  });

  it.each([
    ['that is stuck', endless],
    ['that is no list', { object: 'customer', id: 'cus_1' }],
    ['whose items have no id', { object: 'list', data: [{}], has_more: true }],
  ])('%s gives 502', async (_what, body) => {
    world.stripe.answerWith((_request, response) => json(response, 200, body));
    const answer = await get('/stripe/payments');

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
  });
});
