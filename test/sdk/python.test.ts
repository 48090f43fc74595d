import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { accountSid, secrets, tokens } from '../world/world.ts';
import { onceForEachKey } from './once-for-each-key.ts';
import { callPython } from './python/call.ts';
import { installPython } from './python/install.ts';
import { type Access, answersOf, refusals, startTooBusy, tooBusy } from './refusals.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const python = await installPython();
const busy = await startTooBusy();

const environment = 'environment' in python ? python.environment : {};
const admin: Access = { url: world.gateway.url, token: tokens.admin };
const viaStripe = (args: readonly string[], { url, token } = admin) =>
  callPython('stripe_calls.py', args, { ...environment, GATEWAY: url, DIRECTUS_TOKEN: token });
const viaTwilio = (args: readonly string[], { url, token } = admin) =>
  callPython('twilio_calls.py', args, { ...environment, GATEWAY: url, DIRECTUS_TOKEN: token, ACCOUNT_SID: accountSid });

const readAll = z.object({ made: z.array(z.string()), read: z.array(z.string()) });
const pagesRead = (seen: typeof world.stripe.seen): number => seen.filter(({ method }) => method === 'GET').length;

const [suite, why] = 'missing' in python ? [describe.skip, ` (skipped: ${python.missing})`] : [describe, ''];

suite(`a Python program with Debian’s Stripe client and a Directus token${why}`, () => {
  it('reads a list to its end, page after page', async () => {
    const { made, read } = readAll.parse(await viaStripe(['read_all']));

    expect(made).toHaveLength(7);
    expect(read).toEqual(made.toReversed());
    expect(pagesRead(world.stripe.seen)).toBe(3);
    expect(world.stripe.seen[0]?.headers.authorization).toBe(`Bearer ${secrets.stripeKey}`);
  });

  it('creates, changes, reads and deletes a customer', async () => {
    const changed = await viaStripe(['change']);

    expect(changed).toMatchObject({ name: 'Ada Lovelace', color: 'red', deleted: true });
    expect(world.stripe.seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET', 'DELETE']);
  });

  it('repeats a creation with its idempotency key without a second customer, and without another caller’s', async () => {
    const once = onceForEachKey('idempotency-key', (number) => ({ id: `cus_${number}`, object: 'customer' }));
    world.stripe.answerWith(once.answer);
    const create = (token: string) => viaStripe(['create', 'order-1'], { ...admin, token });

    expect([await create(tokens.admin), await create(tokens.admin), await create(tokens.creator)]).toEqual([
      'cus_1',
      'cus_1',
      'cus_2',
    ]);
    expect(once.keys[1]).toBe(once.keys[0]);
    expect(world.stripe.wire.received()).not.toContain('order-1');
  });

  const classes = new Map([
    [401, 'AuthenticationError'],
    [403, 'PermissionError'],
    [502, 'APIError'],
    [503, 'APIError'],
  ]);

  it.each(refusals)(
    'is thrown the client’s own error for $status $code',
    async ({ status, code, message, arrange }) => {
      const thrown = await viaStripe(['create', 'order-1'], arrange(world));

      expect(thrown).toEqual({ error: classes.get(status), status, code, message });
      expect(answersOf(world)).toBe(1);
    },
  );

  it('is thrown the client’s own error for 429', async () => {
    const thrown = await viaStripe(['create', 'order-1'], { url: busy.url, token: tokens.admin });

    expect(thrown).toMatchObject({ error: 'RateLimitError', status: 429, message: tooBusy });
  });
});

suite(`a Python program with Debian’s Twilio client and a Directus token${why}`, () => {
  it('reads a list to its end, page after page', async () => {
    const { made, read } = readAll.parse(await viaTwilio(['read_all']));

    expect(made).toHaveLength(5);
    expect(read.toSorted()).toEqual(made.toSorted());
    expect(pagesRead(world.twilio.seen)).toBe(3);
  });

  it('ends a call and deletes a message', async () => {
    expect(await viaTwilio(['change'])).toEqual({ ended: 'completed', deleted: true });
    expect(world.twilio.seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'DELETE']);
  });

  it.each(refusals)('is thrown the client’s own error for $status $code', async ({ status, message, arrange }) => {
    const thrown = await viaTwilio(['create'], arrange(world));

    const code = status === 401 ? 20_003 : 20_000 + status;
    expect(thrown).toMatchObject({ error: 'TwilioRestException', status, code });
    expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
    expect(answersOf(world)).toBe(1);
  });

  it('is thrown the client’s own error for 429', async () => {
    const thrown = await viaTwilio(['create'], { url: busy.url, token: tokens.admin });

    expect(thrown).toMatchObject({ status: 429, code: 20_429, message: expect.stringContaining(tooBusy) });
  });
});
