import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

/** The gateway is at hand under two names: `localhost` stands for Stripe alone, all of `127.0.0.1` for Directus, too. */
const config = `
upstreams:
  stripe:
    hostnames: [localhost]
    limits: { firstByte: 150ms, requestBody: 10b }
    rules: [{ path: /*, collection: customers }]
`;
const world = await useWorld({ FRONT_DOOR: 'true' }, { config });
const { port } = world.gateway;
const call = (path: string, more: RequestInit = {}) =>
  fetch(`http://localhost:${port}${path}`, { ...more, headers: { ...as(tokens.admin), ...more.headers } });

describe('behind the front door, on the host name that the gateway keeps for an API', () => {
  const failing: [string, number, string, () => Promise<Response>][] = [
    [
      'breaks off',
      502,
      'UPSTREAM_UNREACHABLE',
      () => {
        world.stripe.answerHeadWith((request) => request.socket.destroy());
        return call('/v1/customers');
      },
    ],
    [
      'does not answer in time',
      504,
      'UPSTREAM_TIMEOUT',
      () => {
        world.stripe.answerHeadWith(() => undefined);
        return call('/v1/customers');
      },
    ],
    [
      'refuses the gateway’s credential',
      502,
      'UPSTREAM_CREDENTIAL_REJECTED',
      () => {
        world.stripe.answerWith((_request, response) => response.writeHead(401).end());
        return call('/v1/customers');
      },
    ],
    [
      'is sent too large a body',
      413,
      'CONTENT_TOO_LARGE',
      () =>
        call('/v1/customers', {
          method: 'POST',
          body: new Blob(['email=ada%40example.com']).stream(), // no length is told, so that it streams
          duplex: 'half',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        }),
    ],
  ];
  it.each(failing)(
    'the error has what the API’s own client reads when the API %s',
    async (_what, status, code, fail) => {
      const answer = await fail();
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject({ error: { code }, errors: [{ extensions: { code } }], status });
    },
  );

  it('and so it is after a request that was sent twice, which bore nothing of the caller’s', async () => {
    await (await call('/v1/customers')).text(); // leaves a connection behind
    world.stripe.answerHeadWith((request) => request.socket.destroy());
    const answer = await call('/v1/customers', { headers: { 'X-Mine': 'canaryMine', Cookie: 'canaryCookie=1' } });

    expect(await answer.json()).toMatchObject({ error: { code: 'UPSTREAM_UNREACHABLE' } });
    expect(world.stripe.seen).toHaveLength(3); // one, and one twice
  });

  it('and Stripe’s own client throws its own kind of error', async () => {
    world.stripe.answerHeadWith((request) => request.socket.destroy());
    const stripe = new Stripe(tokens.admin, { host: 'localhost', port, protocol: 'http', maxNetworkRetries: 0 });
    const thrown = await stripe.customers.list().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Stripe.errors.StripeAPIError);
    expect(thrown).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });
});

describe('what is meant for Directus', () => {
  it('is told of a failure as Directus tells it, and no more', async () => {
    world.directus.answerWith((request) => request.socket.destroy());
    const answer = await fetch(`http://127.0.0.1:${port}/items/articles`);
    expect(answer.status).toBe(503);
    expect(Object.keys(Object(await answer.json()))).toEqual(['errors']);
  });
});
