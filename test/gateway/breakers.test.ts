import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head } from '../world/dial.ts';
import { jwt } from '../world/jwt.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;
const openMs = 150;
const limits = { breaker: { failures: 3, openMs }, directusTimeoutMs: 60, upstream: { firstByteMs: 100 } };
const fresh = async (environment: Record<string, string> = {}) =>
  stopLater(await startGateway({ ...world.environment, ...environment }, { limits }));
type Gateway = Awaited<ReturnType<typeof fresh>>;

const breakersOf = async ({ url }: Gateway) => (await supertest(url).get('/server/health')).body.checks.breakers;
const ask = async ({ url }: Gateway, path = customers, token: string = tokens.admin) =>
  await supertest(url).get(path).set(as(token));
const destroy = () => world.stripe.answerWith((request) => request.socket.destroy());
const answerWell = () => world.stripe.answerWith((_request, response) => response.end('{}'));

async function opened(): Promise<Gateway> {
  const gateway = await fresh();
  destroy();
  for (let failure = 0; failure < 3; failure += 1) expect((await ask(gateway)).status).toBe(502);
  return gateway;
}

/** Stripe's client is loaded with the first list, which may take longer than a breaker stays open here. */
beforeAll(async () => {
  await ask(await fresh(), '/stripe/payments');
});

describe('an upstream that fails three times one after another', () => {
  it('is left alone: callers get 503 with Retry-After at once, and health and the log say so', async () => {
    const gateway = await opened();
    const seen = world.stripe.seen.length;
    const answers = [await ask(gateway), await ask(gateway, '/stripe/payments')];

    for (const answer of answers) {
      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect(world.stripe.seen).toHaveLength(seen);
    expect(await breakersOf(gateway)).toEqual({ directus: 'closed', stripe: 'open', twilio: 'closed' });
    expect(await gateway.logged(({ breaker }) => breaker === 'stripe')).toMatchObject({ state: 'open', level: 50 });
  });

  it('counts as failing when it does not begin to answer in time', async () => {
    const gateway = await fresh();
    world.stripe.answerWith(() => undefined);
    for (let failure = 0; failure < 3; failure += 1) expect((await ask(gateway)).status).toBe(504);

    expect((await ask(gateway)).status).toBe(503);
  });

  it('is asked again by one request at a time, and let be when it still fails', async () => {
    const gateway = await opened();
    await sleep(openMs);
    const before = world.stripe.seen.length;
    world.stripe.answerWith((request) => setTimeout(() => request.socket.destroy(), 50));
    const answers = await Promise.all([ask(gateway), ask(gateway), ask(gateway)]);

    expect(answers.map(({ status }) => status).toSorted()).toEqual([502, 503, 503]);
    expect(world.stripe.seen).toHaveLength(before + 1);
    expect((await ask(gateway)).status).toBe(503);
  });

  it('is used as ever as soon as that one request is answered, whatever the answer', async () => {
    const gateway = await opened();
    await sleep(openMs);
    world.stripe.answerWith((_request, response) => response.writeHead(500).end('{}'));

    expect([(await ask(gateway)).status, (await ask(gateway)).status]).toEqual([500, 500]);
    expect(await breakersOf(gateway)).toMatchObject({ stripe: 'closed' });
    expect(await gateway.logged(({ state }) => state === 'closed')).toMatchObject({ breaker: 'stripe', level: 30 });
  });

  it('does not end an answer that is under way, nor touch another upstream', async () => {
    const gateway = await fresh();
    const rest = Promise.withResolvers<() => void>();
    world.stripe.answerWith((_request, response) => {
      response.write('begun');
      rest.resolve(() => response.end('ended'));
    });
    const call = dial(gateway.port);
    call.send(head(`GET ${customers} HTTP/1.1`, bearer, 'Connection: close'));
    await call.until(/begun/);
    destroy();
    for (let failure = 0; failure < 3; failure += 1) await ask(gateway);
    expect((await ask(gateway)).status).toBe(503);
    (await rest.promise)();

    expect(await call.closed).toMatch(/ended\r\n0\r\n\r\n$/);
    const messages = '/twilio/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json';
    expect((await ask(gateway, messages)).status).toBe(200);
  });
});

describe('a breaker stays closed', () => {
  it('when an upstream answers with errors, however often', async () => {
    const gateway = await fresh();
    world.stripe.answerWith((_request, response) => response.writeHead(503).end('{}'));
    for (let round = 0; round < 5; round += 1) expect((await ask(gateway)).status).toBe(503);

    expect(world.stripe.seen).toHaveLength(5);
  });

  it('when failures are not one after another', async () => {
    const gateway = await fresh();
    for (let round = 0; round < 3; round += 1) {
      destroy();
      for (let failure = 0; failure < 2; failure += 1) await ask(gateway);
      answerWell();
      expect((await ask(gateway)).status).toBe(200);
    }
  });

  it('when callers leave before they are answered, and one who leaves on trial decides nothing', async () => {
    const leave = async (gateway: Gateway, count: number) => {
      world.stripe.reset();
      world.stripe.answerWith(() => undefined);
      const call = dial(gateway.port);
      call.send(head(`GET ${customers} HTTP/1.1`, bearer, `X-Request-Id: left-${count}`));
      await world.stripe.arrived(1);
      call.socket.destroy();
      await gateway.logged(({ requestId, msg }) => requestId === `left-${count}` && msg === 'request');
    };
    const gateway = await fresh();
    for (let count = 0; count < 4; count += 1) await leave(gateway, count);
    answerWell();
    expect((await ask(gateway)).status).toBe(200);

    destroy();
    for (let failure = 0; failure < 3; failure += 1) await ask(gateway);
    await sleep(openMs);
    await leave(gateway, 9);
    destroy();
    expect([(await ask(gateway)).status, (await ask(gateway)).status]).toEqual([502, 503]);
  });

  it('when callers send a body that is too large, or stands still', async () => {
    const config = 'upstreams: { stripe: { limits: { requestBody: 10 } } }';
    const gateway = stopLater(await startGateway(world.environment, { limits, config }));
    for (let round = 0; round < 4; round += 1) {
      const call = dial(gateway.port);
      const lines = [bearer, 'Content-Type: text/plain', 'Transfer-Encoding: chunked', 'Connection: close'];
      call.send(head(`POST ${customers} HTTP/1.1`, ...lines));
      call.send('14\r\n01234567890123456789\r\n');
      expect(await call.closed).toContain('CONTENT_TOO_LARGE');
    }
    expect(await breakersOf(gateway)).toMatchObject({ stripe: 'closed' });
  });
});

describe('while Directus is not there', () => {
  const newcomer = (id: string) => {
    const token = jwt({ id, exp: 4_000_000_000 });
    world.directus.users.set(token, { id, permissions: { customers: { read: { access: 'full', fields: ['*'] } } } });
    return token;
  };
  const failing: [string, Parameters<typeof world.directus.answerWith>[0]][] = [
    ['breaks off', (request) => request.socket.destroy()],
    ['hangs', () => undefined],
    ['has a proxy that answers 502', (_request, response) => response.writeHead(502).end()],
    ['is under pressure', (_request, response) => response.writeHead(503).end()],
  ];

  it.each(failing)(
    'and %s, new callers get 503 with Retry-After, known ones are served, and all are later',
    async (how, answer) => {
      const gateway = await fresh();
      const known = newcomer(`known ${how}`);
      expect((await ask(gateway, customers, known)).status).toBe(200);
      world.directus.answerWith(answer);
      for (let failure = 0; failure < 3; failure += 1)
        expect((await ask(gateway, customers, newcomer(`${how} ${failure}`))).status).toBe(503);
      world.directus.reset();
      world.directus.answerWith(answer);
      const refused = await ask(gateway, customers, newcomer(`${how} later`));

      expect([refused.status, refused.body.errors[0].extensions]).toEqual([
        503,
        { service: 'directus', code: 'SERVICE_UNAVAILABLE' },
      ]);
      expect(refused.headers['retry-after']).toBe('1');
      expect(world.directus.asked).toEqual([]);
      expect((await ask(gateway, customers, known)).status).toBe(200);
      expect(await breakersOf(gateway)).toMatchObject({ directus: 'open', stripe: 'closed' });

      await sleep(openMs);
      world.directus.reset();
      // A static token takes two questions at once, of which one goes ahead.
      expect((await ask(gateway, customers, tokens.reader)).status).toBe(200);
      expect(await breakersOf(gateway)).toMatchObject({ directus: 'closed' });
    },
  );

  it('and answers 500, which one question may be to blame for, it is asked on', async () => {
    const gateway = await fresh();
    world.directus.answerWith((_request, response) => response.writeHead(500).end());
    for (let round = 0; round < 5; round += 1) await ask(gateway, customers, newcomer(`odd ${round}`));

    expect(await breakersOf(gateway)).toMatchObject({ directus: 'closed' });
  });
});
