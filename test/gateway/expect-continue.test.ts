import { describe, expect, it } from '@jest/globals';
import { dial, head, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const customers = '/stripe/v1/customers';
const bearer = `Authorization: Bearer ${tokens.admin}`;

describe('a caller that waits for 100 Continue', () => {
  const form = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 3', 'Expect: 100-continue'];

  it('is told to go on once it is admitted, and the upstream gets the gateway’s credential', async () => {
    const call = dial(world.gateway.port);
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, ...form, 'Connection: close'));
    await call.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    call.send('a=1');

    expect(statusOf(await call.closed)).toBe(200);
    expect(world.stripe.seen).toHaveLength(1);
    expect(world.stripe.seen[0]).toMatchObject({
      body: 'a=1',
      headers: { authorization: `Bearer ${secrets.stripeKey}` },
    });
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('expect');
  });

  it.each([
    ['without a token', customers, [], 401],
    ['without permission', customers, [`Authorization: Bearer ${tokens.reader}`], 403],
    ['for a path without a rule', '/stripe/v1/balance', [bearer], 403],
    ['for a path that is not plain', '/stripe/v1/../balance', [bearer], 400],
  ])('is refused before it has sent the body %s, and the upstream sees nothing', async (_what, path, lines, status) => {
    const call = dial(world.gateway.port);
    call.send(head(`POST ${path} HTTP/1.1`, ...lines, ...form));
    const received = await call.closed; // kept open, the next request would be read as the body

    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).not.toContain('100 Continue');
    expect(world.stripe.wire.received()).toBe('');
  });

  it('is refused before it has sent a body that is too large to be rewritten', async () => {
    const call = dial(world.gateway.port);
    const lines = ['Content-Type: application/json', 'Content-Length: 2000000', 'Expect: 100-continue'];
    call.send(head(`POST ${customers} HTTP/1.1`, bearer, ...lines));
    await call.until(/HTTP\/1\.1 4\d\d /);
    call.socket.destroy();

    expect(call.received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(world.stripe.wire.received()).toBe('');
  });
});
