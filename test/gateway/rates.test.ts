import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const path = '/stripe/v1/customers';

/** A gateway whose rates hold for an hour, so that a test sees the same however slow it is. */
const limitedTo = async (points: number, more: Record<string, string> = {}) => {
  const rates = { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: String(points), RATE_LIMITER_DURATION: '3600' };
  const { url } = stopLater(await startGateway({ ...world.environment, ...rates, IP_TRUST_PROXY: 'true', ...more }));
  return (token: string, address: string, at = path) =>
    supertest(url).get(at).set(as(token)).set('X-Forwarded-For', address);
};

const statuses = async (count: number, ask: (number: number) => PromiseLike<{ status: number }>) => {
  const all: number[] = [];
  for (let number = 0; number < count; number += 1) all.push((await ask(number)).status);
  return all;
};

describe('an address', () => {
  it('has its points, and then waits, before Directus is asked', async () => {
    const ask = await limitedTo(2);
    expect(await statuses(4, () => ask(tokens.admin, '10.0.0.1'))).toEqual([200, 200, 429, 429]);

    const asked = world.directus.asked.length;
    expect((await ask('canaryTokenNotAskedYet', '10.0.0.1')).status).toBe(429);
    expect(world.directus.asked).toHaveLength(asked);
    expect(world.stripe.seen).toHaveLength(2);
  });

  it('is told how long, in Directus’ form and in the SDKs’', async () => {
    const ask = await limitedTo(1);
    await ask(tokens.admin, '10.0.0.2');
    const { status, headers, body } = await ask(tokens.admin, '10.0.0.2');

    const seconds = Number(headers['retry-after']);
    expect({ status, isWithinTheHour: seconds > 3_000 && seconds <= 3_600 }).toEqual({
      status: 429,
      isWithinTheHour: true,
    });
    const message = `Too many requests, retry after ${seconds}s.`;
    const extensions = { code: 'REQUESTS_EXCEEDED', limit: 1, reset: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(body).toMatchObject({
      errors: [{ message, extensions }],
      error: { type: 'invalid_request_error', code: 'REQUESTS_EXCEEDED', message },
      code: 20_429,
      status: 429,
    });
    expect(Math.abs(Date.parse(body.errors[0].extensions.reset) - Date.now() - seconds * 1_000)).toBeLessThan(5_000);
  });

  it('does not share them with another', async () => {
    const ask = await limitedTo(1);
    const tokenOf = [tokens.admin, tokens.reader];
    expect(await statuses(2, (number) => ask(tokenOf[number] ?? '', `10.0.1.${number}`))).toEqual([200, 200]);
  });

  it('is one with all others of its IPv6 network', async () => {
    const ask = await limitedTo(2);
    const asked = await statuses(3, (number) => ask(tokens.admin, `2001:db8:0:1::${number + 1}`));
    expect(asked).toEqual([200, 200, 429]);
    expect((await ask(tokens.reader, '2001:db8:0:2::1')).status).toBe(200);
  });

  it('may ask the gateway’s own routes, save explain, as often as it likes', async () => {
    const ask = await limitedTo(1);
    expect(await statuses(3, () => ask(tokens.admin, '10.0.2.1', '/server/ping'))).toEqual([200, 200, 200]);
    expect(await statuses(3, () => ask(tokens.admin, '10.0.2.1', '/server/health'))).toEqual([200, 200, 200]);
    const explain = `/gateway/explain?path=${path}`;
    const askers = [tokens.admin, tokens.reader];
    expect(await statuses(2, (number) => ask(askers[number] ?? '', '10.0.2.1', explain))).toEqual([200, 429]);
  });

  it('is not limited where RATE_LIMITER_ENABLED is false', async () => {
    const ask = await limitedTo(1, { RATE_LIMITER_ENABLED: 'false' });
    expect(await statuses(3, () => ask(tokens.admin, '10.0.3.1'))).toEqual([200, 200, 200]);
  });
});

it('a user has their points from all addresses together, and others have theirs', async () => {
  const ask = await limitedTo(2);
  expect(await statuses(3, (number) => ask(tokens.admin, `10.1.0.${number}`))).toEqual([200, 200, 429]);
  expect((await ask(tokens.reader, '10.1.0.9')).status).toBe(200);
});

describe('whoever sends tokens that are no good', () => {
  it('does not reach Directus with more than twenty, while those who were known at the address go on', async () => {
    const ask = await limitedTo(1_000, { PERMISSIONS_TTL: '0' });
    expect((await ask(tokens.reader, '10.2.0.1')).status).toBe(200);

    const guessed = await statuses(25, (number) => ask(`canaryTokenGuess${number}`, '10.2.0.1'));
    expect(guessed).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    const asked = world.directus.asked.length;
    expect((await ask(tokens.admin, '10.2.0.1')).status).toBe(429); // was not known here
    expect(world.directus.asked).toHaveLength(asked);

    expect((await ask(tokens.reader, '10.2.0.1')).status).toBe(200);
    expect((await ask(tokens.admin, '10.2.0.2')).status).toBe(200);
  });
});
