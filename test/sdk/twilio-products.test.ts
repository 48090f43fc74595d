import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { json } from '../world/answers.ts';
import type { Answer } from '../world/recording-upstream.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';
import { twilioBehind } from './twilio-behind.ts';
import { useSdkWorld } from './use-sdk-world.ts';

/** Services are set-up, which is off until it is declared. */
const world = await useSdkWorld({
  config: `
    upstreams:
      twilio:
        rules: [{ path: [/verify.twilio.com/v2/Services, /verify.twilio.com/v2/Services/:id], collection: messages }]
  `,
});
const twilio = twilioBehind(world.gateway.url, accountSid, tokens.admin);
const services = ['VA1', 'VA2', 'VA3', 'VA4', 'VA5'].map((sid) => ({ sid, friendly_name: sid }));

/** Lists as Twilio's products do: with the whole address of the next page (twilio.com/docs/usage/twilios-response). */
const listAt =
  (origin: string): Answer =>
  ({ url = '' }, response) => {
    const page = Number(new URL(url, origin).searchParams.get('Page') ?? 0);
    const address = (number: number) => `${origin}/v2/Services?PageSize=2&Page=${number}&PageToken=PT${number}`;
    const meta = {
      key: 'services',
      page,
      page_size: 2,
      url: address(page),
      first_page_url: address(0),
      next_page_url: page < 2 ? address(page + 1) : null,
      previous_page_url: page > 0 ? address(page - 1) : null,
    };
    json(response, 200, { services: services.slice(2 * page, 2 * page + 2), meta });
  };

describe('a program with Twilio’s own client at one of Twilio’s products', () => {
  it.each([
    ['https://verify.twilio.com', 'as Twilio writes them'],
    [world.twilio.origin, 'of what stands in for Twilio'],
  ])('reads a list to its end through the gateway, though its pages are at %s, %s', async (origin) => {
    world.twilio.answerWith(listAt(origin));
    const read = await twilio.verify.v2.services.list({ pageSize: 2 });

    expect(read.map(({ sid }) => sid)).toEqual(services.map(({ sid }) => sid));
    expect(world.twilio.seen.map(({ target }) => target)).toEqual([
      '/v2/Services?PageSize=2',
      '/v2/Services?PageSize=2&Page=1&PageToken=PT1',
      '/v2/Services?PageSize=2&Page=2&PageToken=PT2',
    ]);
    for (const { headers } of world.twilio.seen) {
      expect(headers.authorization).toBe(`Basic ${btoa(`${accountSid}:${secrets.twilioToken}`)}`);
    }
  });

  it('reads them as well where Twilio compresses whatever it may', async () => {
    const list = listAt('https://verify.twilio.com');
    world.twilio.answerWith((request, response, body) => {
      if (!/gzip/.test(String(request.headers['accept-encoding']))) return list(request, response, body);
      response.setHeader('Content-Encoding', 'gzip');
      const end = response.end.bind(response);
      response.end = (text: unknown) => end(gzipSync(String(text)));
      return list(request, response, body);
    });
    const read = await twilio.verify.v2.services.list({ pageSize: 2 });

    expect(read).toHaveLength(services.length);
  });

  it('goes back a page through the gateway', async () => {
    world.twilio.answerWith(listAt('https://verify.twilio.com'));
    const second = await (await twilio.verify.v2.services.page({ pageSize: 2 })).nextPage();
    const first = await second?.previousPage();

    expect(first?.instances.map(({ sid }) => sid)).toEqual(['VA1', 'VA2']);
    expect(world.twilio.seen).toHaveLength(3);
  });

  it('creates, changes and deletes', async () => {
    world.twilio.answerWith(({ method }, response) => {
      if (method === 'DELETE') response.writeHead(204).end();
      else json(response, 201, { sid: 'VA1', friendly_name: 'Shop' });
    });
    await twilio.verify.v2.services.create({ friendlyName: 'Shop' });
    await twilio.verify.v2.services('VA1').update({ friendlyName: 'Shop' });
    expect(await twilio.verify.v2.services('VA1').remove()).toBe(true);

    expect(world.twilio.seen.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['POST', '/v2/Services', 'FriendlyName=Shop'],
      ['POST', '/v2/Services/VA1', 'FriendlyName=Shop'],
      ['DELETE', '/v2/Services/VA1', ''],
    ]);
  });
});
