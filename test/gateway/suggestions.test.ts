import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { bodyOf } from '../world/verdict.ts';
import { accountSid, tokens } from '../world/world.ts';

const stopLater = useStops();

const config = `
upstreams:
  stripe: { hostnames: [stripe.test], rules: [] }
  shop:
    origin: http://127.0.0.1:1
    plaintext: loopback
    rules:
      - { methods: [GET], path: /goods/:id/parts, collection: customers }
      - { methods: [GET], path: /hidden/goods, collection: nobody_has_this }
      - { methods: [GET], path: /closed/goods, deny: closed }
`;
const world = await useWorld({}, { config });
const account = `/2010-04-01/Accounts/${accountSid}`;

type Said = { readonly status: number; readonly message: string; readonly suggestion: unknown };
async function say(
  method: string,
  path: string,
  token: string | null = tokens.admin,
  at = world.gateway.url,
): Promise<Said> {
  const answer = await fetch(at + path, { method, headers: token === null ? {} : as(token) });
  const [error] = Object(await answer.json()).errors;
  return { status: answer.status, message: error.message, suggestion: error.extensions.suggestion };
}

describe('a caller who has mistyped a route is told which one they may have meant', () => {
  it.each([
    ['GET', '/stripe/customer', '/stripe/customers'],
    ['GET', '/stripe/Customers', '/stripe/customers'],
    ['GET', '/stripe/custmers/', '/stripe/customers'],
    ['GET', '/v1/customers', '/stripe/v1/customers'],
    ['GET', '/strpe/v1/customers', '/stripe/v1/customers'],
    ['GET', '/stripe/v1/custmers', '/stripe/v1/customers'],
    ['GET', '/stripe/customers/v1/customers', '/stripe/v1/customers'],
    ['POST', `/twilio/Accounts/${accountSid}/Messages.json`, `/twilio${account}/Messages.json`],
    ['POST', `/twilio/Accounts/${accountSid}/Messages`, `/twilio${account}/Messages`],
    ['GET', '/shop/good/7/parts', '/shop/goods/7/parts'],
    ['GET', '/gateway/explian', '/gateway/explain'],
    ['GET', '/server/specs/oa', '/server/specs/oas'],
    ['GET', '/gatewy/', '/gateway/'],
  ])('%s %s: %s', async (method, path, meant) => {
    const { status, message, suggestion } = await say(method, path);

    expect([403, 404]).toContain(status);
    expect(message).toMatch(/^(Route .* doesn't exist\.|You don't have permission to access this\.) Did you mean /);
    expect(message.endsWith(` Did you mean ${meant}?`)).toBe(true);
    expect(suggestion).toEqual({ method, path: meant });
    const again = await say(method, meant).catch(() => undefined); // what is suggested is a route of theirs
    expect(again?.suggestion).toBeUndefined();
    expect(again?.status === 403 || again?.status === 404).toBe(false);
  });

  it.each([
    ['DELETE', '/stripe/customers', 'GET'],
    ['PUT', '/stripe/payments', 'GET'],
    ['POST', '/shop/goods/7/parts', 'GET'],
  ])('and with which method: %s %s: %s', async (method, path, meant) => {
    const { message, suggestion } = await say(method, path);
    expect(message).toContain(`Did you mean ${meant} ${path}?`);
    expect(suggestion).toEqual({ method: meant, path });
  });

  it('and of the API page only where it is on, and of the metrics, which few may read, never', async () => {
    const on = stopLater(
      await startGateway({ ...world.environment, METRICS_ENABLED: 'true', API_PAGE_ENABLED: 'false' }),
    );
    expect((await say('GET', '/metrcs', tokens.admin, on.url)).suggestion).toBeUndefined();
    expect((await say('GET', '/gatewy/', tokens.admin, on.url)).suggestion).toBeUndefined();
    expect((await say('GET', '/gatewy/')).suggestion).toEqual({ method: 'GET', path: '/gateway/' });
  });

  it('on a host name that stands for one API, without its name and of this API alone', async () => {
    const on = async (path: string): Promise<unknown> => {
      const { send, closed } = dial(world.gateway.port);
      send(
        `GET ${path} HTTP/1.1\r\nHost: stripe.test\r\nAuthorization: Bearer ${tokens.admin}\r\nConnection: close\r\n\r\n`,
      );
      return Object(bodyOf(await closed)).errors[0].extensions.suggestion?.path;
    };
    expect(await on('/v1/custmers')).toBe('/v1/customers');
    expect(await on('/good/7/parts')).toBeUndefined();
    expect(await on('/gateway/explian')).toBeUndefined();
  });

  it('and nothing of the query, or of the token in it, is repeated', async () => {
    const { message, suggestion } = await say('GET', `/stripe/customer?access_token=${tokens.admin}`, null);
    expect(message).toContain('Did you mean /stripe/customers?');
    expect(JSON.stringify([message, suggestion])).not.toContain('canary');
  });

  it('and explain tells the same', async () => {
    const path = '/gateway/explain?path=/stripe/custmers';
    const answer = await supertest(world.gateway.url).get(path).set(as(tokens.reader));
    expect(answer.body.data.refusal).toMatchObject({
      reason: 'no_rule',
      suggestion: { method: 'GET', path: '/stripe/customers' },
      advice: expect.stringContaining('/stripe/customers'),
    });
  });
});

describe('nobody learns of a route that they may not use', () => {
  const plain = "Route /v1/customers doesn't exist.";
  const withNone: [string, string | null, string, string, number][] = [
    ['without a token', null, 'GET', '/v1/customers', 404],
    ['with a token that Directus does not know', 'canaryUnknown', 'GET', '/v1/customers', 404],
    ['who may nothing', tokens.nobody, 'GET', '/v1/customers', 404],
    ['who may nothing, below an API', tokens.nobody, 'GET', '/stripe/custmers', 403],
    ['who may read, of what only others may create', tokens.creator, 'GET', '/stripe/custmers', 403],
    ['of a route whose collection is not theirs', tokens.reader, 'GET', '/shop/hiden/goods', 403],
    ['of a route that is refused to all', tokens.admin, 'GET', '/shop/closd/goods', 403],
  ];
  it.each(withNone)('somebody %s', async (_who, token, method, path, status) => {
    const said = await say(method, path, token);
    expect([said.status, said.suggestion]).toEqual([status, undefined]);
    expect(said.message).not.toContain('mean');
    if (path === '/v1/customers') expect(said.message).toBe(plain);
  });

  it('somebody who asks more often than they may', async () => {
    const rates = { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '1', RATE_LIMITER_DURATION: '3600' };
    const gateway = stopLater(await startGateway({ ...world.environment, ...rates }, { config }));
    const saidAt = () => say('GET', '/v1/customers', tokens.admin, gateway.url);
    expect((await saidAt()).suggestion).toBeDefined();
    expect(await saidAt()).toEqual({ status: 404, message: plain, suggestion: undefined });
  });
});

describe('nothing is suggested', () => {
  it.each([
    ['for what looks like nothing that there is', '/nothing/here'],
    ['for what is too long to have been typed', `/stripe/${'v1/'.repeat(30)}customer`],
    ['for a word that could stand anywhere', '/stripe/anything'],
    ['for a very long word', `/stripe/${'c'.repeat(4_000)}`],
  ])('%s', async (_what, path) => {
    const { status, suggestion } = await say('GET', path);
    expect([403, 404]).toContain(status);
    expect(suggestion).toBeUndefined();
  });

  it('while Directus is away, and the error is the same', async () => {
    world.directus.answerWith((request) => request.socket.destroy());
    expect(await say('GET', '/v1/customers', 'canaryNew')).toMatchObject({ status: 404, suggestion: undefined });
  });
});

it('a caller is told that there is no such route, also while Directus does not answer', async () => {
  const gateway = stopLater(
    await startGateway(world.environment, { config, limits: { directusTimeoutMs: 20_000 } }), // longer than anybody waits
  );
  world.directus.answerWith(() => undefined);
  const { status, suggestion } = await say('GET', '/nowhere/customers', tokens.admin, gateway.url);
  world.directus.answerWith(world.directus.answerAsDirectus);
  expect([status, suggestion]).toEqual([404, undefined]);
}, 10_000);
