import { describe, expect, it } from '@jest/globals';
import { RestException } from 'twilio';
import { json } from '../world/answers.ts';
import { accountSid, phoneNumber, tokens, type World } from '../world/world.ts';
import { type Access, answersOf, refusals, startTooBusy, startWithout, tooBusy } from './refusals.ts';
import { thrownBy } from './thrown-by.ts';
import { type TwilioClient, twilioBehind } from './twilio-behind.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const withoutTwilio = await startWithout(world, 'TWILIO_');
const busy = await startTooBusy();
const message = { from: phoneNumber, to: '+15005550006', body: 'Hello' };
const client = ({ url, token }: Access, options = {}) => twilioBehind(url, accountSid, token, options);
const admin = (of: World) => ({ url: of.gateway.url, token: tokens.admin });

/** Each way in which a program calls Twilio. */
const calls: [string, (twilio: TwilioClient) => Promise<unknown>][] = [
  ['a creation', (twilio) => twilio.messages.create(message)],
  ['a list', (twilio) => twilio.messages.list()],
  ['a change', (twilio) => twilio.calls('CA1').update({ status: 'completed' })],
  ['a deletion', (twilio) => twilio.messages('SM1').remove()],
];

describe.each(refusals)('what Twilio’s own client throws when the gateway says $status $code', (refusal) => {
  it.each(calls)('to %s', async (_name, call) => {
    const error = await thrownBy(call(client(refusal.arrange(world))));

    const code = refusal.status === 401 ? 20_003 : 20_000 + refusal.status;
    expect(error).toBeInstanceOf(RestException);
    expect(error).toMatchObject({ status: refusal.status, code, message: refusal.message });
    expect(answersOf(world)).toBe(1);
  });
});

describe('Twilio’s own client', () => {
  it('throws, with a message, when Twilio is not switched on at the gateway', async () => {
    const error = await thrownBy(client(withoutTwilio).messages.list());

    expect(error).toBeInstanceOf(RestException);
    const route = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
    expect(error).toMatchObject({ status: 404, code: 20_404, message: `Route ${route} doesn't exist.` });
  });

  it('throws what Twilio itself says of a message that does not exist', async () => {
    const error = await thrownBy(client(admin(world)).messages('SM00000000000000000000000000000000').fetch());

    expect(error).toBeInstanceOf(RestException);
    expect(error).toMatchObject({ status: 404, code: 20_404, message: expect.stringMatching(/not found/) });
  });

  it('throws Twilio’s own 429', async () => {
    world.twilio.answerWith((_request, response) =>
      json(response, 429, {
        code: 20_429,
        message: 'Too many requests',
        more_info: 'https://example.com',
        status: 429,
      }),
    );
    const error = await thrownBy(client(admin(world)).messages.create(message));

    expect(error).toMatchObject({ status: 429, code: 20_429, message: 'Too many requests' });
    expect(world.twilio.seen).toHaveLength(1);
  });

  it('throws the gateway’s own 429, and repeats it as often as it is told to, never more', async () => {
    const once = await thrownBy(client({ url: busy.url, token: tokens.admin }).messages.list());
    expect(once).toBeInstanceOf(RestException);
    expect(once).toMatchObject({ status: 429, code: 20_429, message: tooBusy });
    expect(busy.answers()).toBe(1);

    const retrying = { autoRetry: true, maxRetries: 2, maxRetryDelay: 10 };
    const thrice = await thrownBy(client({ url: busy.url, token: tokens.admin }, retrying).messages.list());
    expect(thrice).toMatchObject({ status: 429, message: tooBusy });
    expect(busy.answers()).toBe(1 + 3);
  });

  it('does not repeat what was refused', async () => {
    const refused = { url: world.gateway.url, token: tokens.nobody };
    const error = await thrownBy(client(refused, { autoRetry: true, maxRetries: 5 }).messages.create(message));

    expect(error).toMatchObject({ status: 403 });
    expect(answersOf(world)).toBe(1);
  });
});
