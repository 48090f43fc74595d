import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const account = `/twilio/2010-04-01/Accounts/${accountSid}`;
const own = encodeURIComponent(phoneNumber);
const post = (path: string, form: string, url = world.gateway.url) =>
  supertest(url).post(path).set(as(tokens.admin)).type('form').send(form);

describe('a caller cannot choose who speaks, who hears of it, or what is said from elsewhere', () => {
  const paths = ['Messages.json', 'Messages', 'Calls.json', 'Calls/CA1.json', 'Calls/CA1/Recordings.json'];
  const forms: [string, string[]][] = [
    ...paths.map((path): [string, string[]] => [
      path,
      ['StatusCallback=x', 'statuscallback=x', 'StatusCallbackUrl=x', 'Url=x', 'FallbackUrl=x', 'ApplicationSid=AP1'],
    ]),
    ...['Messages.json', 'Calls.json', 'Conferences/CF1/Participants.json'].map((path): [string, string[]] => [
      path,
      ['From=%2B15005550006', 'from=%2B15005550006', `From=${own}&From=%2B15005550006`, 'From=MYBRAND'],
    ]),
    ['Calls.json', ['RecordingStatusCallback=x', 'AsyncAmdStatusCallback=x', 'CallerId=%2B15005550006']],
    ['Calls.json', ['ClientNotificationUrl=x', 'FallbackFrom=%2B15005550006']],
    ['Messages.json', ['FallbackFrom=%2B15005550006']],
    ['Messages/SM1.json', ['StatusCallback=x']],
    ['Calls/CA1/UserDefinedMessageSubscriptions.json', ['Callback=x']],
    ['Conferences/CF1.json', ['AnnounceUrl=x']],
    ['Conferences/CF1/Participants/CA1.json', ['AnnounceUrl=x', 'HoldUrl=x', 'WaitUrl=x']],
  ];
  const cases = forms.flatMap(([path, bodies]) => bodies.map((body): [string, string] => [path, body]));
  it.each(cases)('POST %s %s', async (path, body) => {
    const { status, body: answer } = await post(`${account}/${path}`, body);
    expect({ status, code: answer.errors[0].extensions.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect((await post(`${account}/${path}?${body}`, 'Body=a')).status).toBe(403);
    expect(world.twilio.seen).toEqual([]);
  });

  const allowed: [string, string][] = [
    ['Messages.json', `To=%2B1&From=${own}`],
    ['Messages.json', 'To=%2B1&MessagingServiceSid=MG1'],
    ['Calls.json', `To=%2B1&From=${own}&Twiml=%3CResponse%2F%3E`],
    ['Calls/CA1.json', 'Status=completed'],
  ];
  it.each(allowed)('and still may POST %s %s', async (path, body) => {
    expect((await post(`${account}/${path}`, body)).status).toBe(200);
    expect(world.twilio.seen.map((seen) => seen.body)).toEqual([body]);
  });
});

describe('what sets the account up is off until a rule of one’s own turns it on', () => {
  const set: [string, string, string][] = [
    ['post', '/SMS/Messages.json', 'To=%2B88213300000&From=%2B15005550006&Body=a&StatusCallback=x'],
    ['post', '/SMS/Messages', 'To=%2B1&Body=a'],
    ['post', '/IncomingPhoneNumbers/PN1.json', 'SmsUrl=https%3A%2F%2Fevil.example'],
    ['post', '/IncomingPhoneNumbers.json', 'PhoneNumber=%2B1'],
    ['delete', '/IncomingPhoneNumbers/PN1.json', ''],
    ['post', '/Applications/AP1.json', 'SmsUrl=x'],
    ['post', '/SIP/Domains.json', 'DomainName=x'],
    ['post', '/Usage/Triggers.json', 'CallbackUrl=x'],
    ['post', '/Queues/QU1/Members/Front.json', 'Url=x'],
    ['put', '/Messages/SM1.json', 'Body='],
  ];
  it.each(set)('%s %s', async (method, path, body) => {
    const ask = async (url: string) =>
      (
        await fetch(url + account + path, {
          method: method.toUpperCase(),
          headers: { ...as(tokens.admin), 'Content-Type': 'application/x-www-form-urlencoded' },
          ...(body !== '' && { body }),
        })
      ).status;
    expect(await ask(world.gateway.url)).toBe(403);
    expect(world.twilio.seen).toEqual([]);
    const rule = `{ path: ${account.slice('/twilio'.length)}/*, collection: messages }`;
    const { url } = stopLater(
      await startGateway(world.environment, { config: `upstreams: { twilio: { rules: [${rule}] } }` }),
    );
    expect(await ask(url)).toBe(200);
  });
});

describe('RiskCheck, which turns the guard against fraud off', () => {
  const paths = ['/Messages.json', '/Calls.json', '/Calls/CA1.json'].map((path) => account + path);
  it.each([...paths, '/twilio/verify.twilio.com/v2/Services/VA1/Verifications'])('is refused at %s', async (path) => {
    for (const form of ['RiskCheck=disable', 'riskcheck=disable', 'To=%2B1&%52iskCheck=disable']) {
      expect((await post(path, form)).status).toBe(403);
    }
    expect(world.twilio.seen).toEqual([]);
  });

  it('also by a rule of one’s own, which allows the rest', async () => {
    const rule = `{ methods: [POST], path: ${account.slice('/twilio'.length)}/Messages.json, collection: messages }`;
    const config = `upstreams: { twilio: { rules: [${rule}] } }`;
    const { url } = stopLater(await startGateway(world.environment, { config }));
    const body = 'From=%2B15005550006&StatusCallback=https%3A%2F%2Fshop.example%2Fhook';
    expect((await post(`${account}/Messages.json`, body, url)).status).toBe(200);
    expect((await post(`${account}/Messages.json`, `${body}&RiskCheck=disable`, url)).status).toBe(403);
  });
});
