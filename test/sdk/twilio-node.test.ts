import { describe, expect, it } from '@jest/globals';
import { accountSid, phoneNumber, secrets, tokens } from '../world/world.ts';
import { onceForEachKey } from './once-for-each-key.ts';
import { type TwilioClient, twilioBehind } from './twilio-behind.ts';
import { useSdkWorld } from './use-sdk-world.ts';

const world = await useSdkWorld();
const twilio = twilioBehind(world.gateway.url, accountSid, tokens.admin);
const messages = `/2010-04-01/Accounts/${accountSid}/Messages`;

describe('a program with Twilio’s own client and a Directus token', () => {
  it('reads a list to its end, page after page', async () => {
    const sent: string[] = [];
    for (let order = 0; order < 5; order++) {
      sent.push((await twilio.messages.create({ from: phoneNumber, to: '+15005550006', body: `Order ${order}` })).sid);
    }
    const read = await twilio.messages.list({ pageSize: 2 });

    expect(read.map(({ sid }) => sid).toSorted()).toEqual(sent.toSorted());
    const pages = world.twilio.seen.filter(({ method }) => method === 'GET').map(({ target }) => target);
    expect(pages).toHaveLength(3);
    for (const page of pages) expect(page.startsWith(`${messages}.json?`)).toBe(true);
  });

  it('sends a message, from the gateway’s number, reads it and deletes it', async () => {
    const { sid, from } = await twilio.messages.create({
      to: '+15005550006',
      body: 'Hello, Ada & Blaise',
      mediaUrl: ['https://example.com/1.png', 'https://example.com/2.png'],
    } as Parameters<TwilioClient['messages']['create']>[0]);
    expect(from).toBe(phoneNumber);
    expect(await twilio.messages(sid).fetch()).toMatchObject({ sid, body: 'Hello, Ada & Blaise' });
    expect(await twilio.messages(sid).remove()).toBe(true);

    expect(world.twilio.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `POST ${messages}.json`,
      `GET ${messages}/${sid}.json`,
      `DELETE ${messages}/${sid}.json`,
    ]);
    expect([...new URLSearchParams(world.twilio.seen[0]?.body)]).toEqual([
      ['To', '+15005550006'],
      ['Body', 'Hello, Ada & Blaise'],
      ['MediaUrl', 'https://example.com/1.png'],
      ['MediaUrl', 'https://example.com/2.png'],
      ['From', phoneNumber],
    ]);
  });

  it('hangs up a call, which is a change', async () => {
    const { sid } = await twilio.calls.create({ from: phoneNumber, to: '+15005550006', twiml: '<Response/>' });
    expect(await twilio.calls(sid).update({ status: 'completed' })).toMatchObject({ sid, status: 'completed' });
  });

  it('reaches Twilio with the gateway’s credential and nothing of the token', async () => {
    await twilio.messages.list({ limit: 1 });

    const credentials = Buffer.from(`${accountSid}:${secrets.twilioToken}`).toString('base64');
    expect(world.twilio.seen[0]?.headers).toMatchObject({
      authorization: `Basic ${credentials}`,
      'user-agent': expect.stringMatching(/^twilio-node\/6\.2\.0 /),
    });
    expect(world.gateway.wire.sent()).not.toContain(secrets.twilioToken);
  });

  it('sends the same message once, however often it is repeated, and another caller’s beside it', async () => {
    const once = onceForEachKey('i-twilio-idempotency-token', (number) => ({ sid: `SM${number}` }));
    world.twilio.answerWith(once.answer);
    const somebodyElse = twilioBehind(world.gateway.url, accountSid, tokens.creator);
    const send = async (client: TwilioClient) => {
      const answer = await client.request({
        method: 'post',
        uri: `${world.gateway.url}/twilio${messages}.json`,
        headers: { 'I-Twilio-Idempotency-Token': 'order-1' },
        data: { From: phoneNumber, To: '+15005550006', Body: 'Hello' },
      });
      return answer?.body.sid;
    };

    expect([await send(twilio), await send(twilio), await send(somebodyElse)]).toEqual(['SM1', 'SM1', 'SM2']);
    expect(once.keys[1]).toBe(once.keys[0]);
    expect(once.keys[2]).not.toBe(once.keys[0]);
    expect(world.twilio.wire.received()).not.toContain('order-1');
  });
});
