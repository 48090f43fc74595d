import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { json, refuse } from '../world/answers.ts';
import { jwt } from '../world/jwt.ts';
import { startGateway } from '../world/start-gateway.ts';
import { startStubDirectus } from '../world/stub-directus.ts';
import { as, useWorld } from '../world/use-world.ts';

const world = await useWorld();
const impatient = await startGateway(world.environment, { limits: { directusTimeoutMs: 50 } });
afterAll(() => impatient.stop());

const customers = '/stripe/v1/customers';
const mayRead = { customers: { read: { access: 'full', fields: ['*'] } } };
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const withData =
  (data: unknown): Answer =>
  (_request, response) =>
    json(response, 200, { data });
const html =
  (status: number): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>it works</h1>');
  };

let made = 0;
/** A token whose permissions are asked for alone: who it is, it says itself. */
function newToken(): string {
  made += 1;
  const token = jwt({ id: `user-${made}`, exp: 4_000_000_000 });
  world.directus.users.set(token, { id: `user-${made}`, permissions: mayRead });
  return token;
}

async function expectUnavailable(url: string, token: string): Promise<void> {
  const answer = await supertest(url).get(customers).set(as(token));
  expect([answer.status, answer.body.errors]).toEqual([
    503,
    [
      {
        message: 'Service "directus" is unavailable.',
        extensions: { service: 'directus', code: 'SERVICE_UNAVAILABLE' },
      },
    ],
  ]);
  expect(world.stripe.wire.received()).toBe('');
}

describe('a caller is answered 503 while Directus cannot be understood, and let through as soon as it can', () => {
  const answers: [string, Answer][] = [
    ['it breaks the connection', (request) => request.socket.destroy()],
    [
      'it breaks off in the middle',
      (_request, response) => {
        response
          .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '90' })
          .write('{"data":{"customers":');
        response.socket?.end();
      },
    ],
    ['it speaks no HTTP', (request) => request.socket.end('SSH-2.0-OpenSSH\r\n')],
    ['204, as Directus 10 says to anybody', (_request, response) => response.writeHead(204).end()],
    ['201 with permissions', (_request, response) => json(response, 201, { data: mayRead })],
    ['206 with permissions', (_request, response) => json(response, 206, { data: mayRead })],
    ['200 as HTML', html(200)],
    ['502 as HTML', html(502)],
    ['500', (_request, response) => refuse(response, 500, 'INTERNAL_SERVER_ERROR', 'An unexpected error occurred.')],
    ['503 under pressure', (_request, response) => refuse(response, 503, 'SERVICE_UNAVAILABLE', 'Under pressure')],
    ['429', (_request, response) => refuse(response, 429, 'REQUESTS_EXCEEDED', 'Too many requests')],
    ['404, a Directus without this route', (_request, response) => refuse(response, 404, 'ROUTE_NOT_FOUND', 'No.')],
    [
      'a refusal with the status of another',
      (_request, response) => refuse(response, 500, 'INVALID_CREDENTIALS', 'No.'),
    ],
    [
      'a 403 with a code that is not about tokens',
      (_request, response) => refuse(response, 403, 'USER_SUSPENDED', 'No.'),
    ],
    ['a 401 without a body', (_request, response) => response.writeHead(401).end()],
    ['an empty body', (_request, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end()],
    ['no data', (_request, response) => json(response, 200, {})],
    ['permissions without an envelope', (_request, response) => json(response, 200, mayRead)],
    ['null', withData(null)],
    ['true', withData(true)],
    ['a list', withData([mayRead])],
    ['a collection that is a list', withData({ customers: [mayRead.customers] })],
    ['a collection that is true', withData({ customers: true })],
    ['an action that is true', withData({ customers: { read: true } })],
    ['an access that is true', withData({ customers: { read: { access: true, fields: ['*'] } } })],
    ['an access of an unknown kind', withData({ customers: { read: { access: 'most', fields: ['*'] } } })],
    ['fields that are a text', withData({ customers: { read: { access: 'full', fields: '*' } } })],
    ['a fault in another collection only', withData({ ...mayRead, orders: { read: { access: 1 } } })],
  ];

  it.each(answers)('%s', async (_what, answer) => {
    const token = newToken();
    world.directus.answerWith(answer);
    await expectUnavailable(world.gateway.url, token);

    world.directus.answerWith(world.directus.answerAsDirectus);
    expect((await supertest(world.gateway.url).get(customers).set(as(token))).status).toBe(200);
  });

  it.each([
    ['no id', { role: null }],
    ['a number for an id', { id: 7 }],
    ['null', null],
    ['a list', [{ id: 'user-1' }]],
  ])('who a static token is: %s', async (what, me) => {
    const token = `canaryTokenOdd${what.replaceAll(' ', '')}`;
    world.directus.users.set(token, { id: 'user-odd', permissions: mayRead });
    world.directus.answerWith((request, response) => {
      if (request.url?.startsWith('/users/me')) json(response, 200, { data: me });
      else world.directus.answerAsDirectus(request, response);
    });
    await expectUnavailable(world.gateway.url, token);

    world.directus.answerWith(world.directus.answerAsDirectus);
    expect((await supertest(world.gateway.url).get(customers).set(as(token))).status).toBe(200);
  });
});

describe('a caller is answered 503', () => {
  it('and the token goes nowhere else, when Directus redirects', async () => {
    world.directus.answerWith((_request, response) => {
      response.writeHead(302, { Location: `${world.twilio.origin}/permissions/me` }).end();
    });
    await expectUnavailable(world.gateway.url, newToken());

    expect(world.twilio.wire.received()).toBe('');
  });

  it('when nothing listens where Directus should be', async () => {
    const closed = await startStubDirectus();
    await closed.stop();
    const gateway = await startGateway({ ...world.environment, DIRECTUS_URL: closed.url });
    await expectUnavailable(gateway.url, newToken());
    await gateway.stop();
  });

  it('when Directus is slower than its time limit, and let through when it is well again', async () => {
    const token = newToken();
    world.directus.answerWith(() => undefined);
    await expectUnavailable(impatient.url, token);

    world.directus.answerWith(world.directus.answerAsDirectus);
    expect((await supertest(impatient.url).get(customers).set(as(token))).status).toBe(200);
  });

  it('when Directus begins an answer and does not end it in time', async () => {
    world.directus.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"data":');
    });
    await expectUnavailable(impatient.url, newToken());
  });
});
