import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { CrewProcess } from '../world/crew-process.ts';
import { poll } from '../world/poll.ts';
import { samplesOf } from '../world/samples-of.ts';
import { path, useCrews, workers } from '../world/use-crews.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const { start: startCrew, openStream } = useCrews(world);

const start = (more: Record<string, string> = {}) =>
  startCrew({ METRICS_ENABLED: 'true', METRICS_TOKENS: 'tokenOfPrometheus', ...more });

const scrape = (gateway: CrewProcess) =>
  gateway.ask('/metrics', { headers: { Authorization: 'Metrics tokenOfPrometheus' } });

const samples = async (gateway: CrewProcess) => {
  const { status, body } = await scrape(gateway);
  expect(status).toBe(200);
  return samplesOf(body);
};

/** How many requests to Stripe have gone well, whatever the rule. */
const passed = async (gateway: CrewProcess): Promise<number> => {
  const told = [...(await samples(gateway))];
  const counts = told.filter(([name]) => /requests_total\{upstream="stripe",.*status="2xx"/.test(name));
  return counts.reduce((sum, [, count]) => sum + count, 0);
};

describe('whichever of several workers is scraped', () => {
  it('it tells what all of them have counted and keep', async () => {
    const gateway = await start();
    await gateway.askEach(path, { token: tokens.admin });
    await gateway.askEach(path, { token: tokens.admin });
    await poll('all are counted', async () => (await passed(gateway)) === 2 * workers);

    const told = await samples(gateway);
    const of = (name: string) => told.get(`directus_gateway_${name}`);
    expect(of('remembered_total{result="miss"}')).toBe(workers);
    expect(of('remembered_total{result="hit"}')).toBe(workers);
    expect(of('remembered_entries')).toBe(workers);
    expect(of('request_duration_seconds_count{upstream="stripe"}')).toBe(2 * workers);
    expect(of('request_duration_seconds_bucket{le="+Inf",upstream="stripe"}')).toBe(2 * workers);
  });

  it('it tells of requests under way at any, of a feed that all hear, and of the worst of their breakers', async () => {
    const gateway = await start({ DIRECTUS_TOKEN: world.directus.service.token });
    const streams = [await openStream(gateway), await openStream(gateway), await openStream(gateway)];
    const of = async (name: string) => (await samples(gateway)).get(`directus_gateway_${name}`);
    expect(await of('open_requests{upstream="stripe"}')).toBe(3);
    for (const { end, whole } of streams) {
      end();
      await whole;
    }
    await poll('none is under way', async () => (await of('open_requests{upstream="stripe"}')) === 0);
    await poll('the feed is live', async () => (await of('feed_live')) === 1);

    world.stripe.answerWith((_request, response) => response.destroy());
    for (let time = 0; time < 6 * workers; time += 1) await gateway.ask(path, { token: tokens.admin });
    await poll('one of the breakers is open', async () => (await of('breaker_state{name="stripe"}')) === 2);
  });

  it('it tells of requests and WebSockets that are open through the front door of any', async () => {
    const gateway = await start({ FRONT_DOOR: 'true' });
    const of = async (name: string) => (await samples(gateway)).get(`directus_gateway_open_${name}`);
    const ended = new AbortController();
    world.directus.answerWith((_request, response) => response.write('begins'));
    const webSockets: WebSocket[] = [];
    for (let one = 0; one < 2 * workers; one += 1) {
      await fetch(`${gateway.url}/items/articles`, { signal: ended.signal });
      const webSocket = new WebSocket(`${gateway.url.replace('http', 'ws')}/websocket`);
      await once(webSocket, 'open');
      webSockets.push(webSocket);
    }
    expect([await of('requests{upstream="directus"}'), await of('tunnels')]).toEqual([2 * workers, 2 * workers]);

    ended.abort();
    for (const webSocket of webSockets) webSocket.terminate();
    await poll('no request is open', async () => (await of('requests{upstream="directus"}')) === 0);
    await poll('no WebSocket is open', async () => (await of('tunnels')) === 0);
  });
});

it('counts do not fall when a worker is gone, as they would look like a restart', async () => {
  const gateway = await start();
  await gateway.askEach(path, { token: tokens.admin });
  await poll('all are counted', async () => (await passed(gateway)) === workers);
  process.kill(gateway.workerPids()[0] ?? 0, 'SIGKILL');
  await gateway.logged('"msg":"serving"', workers + 1);
  await poll('the new one is asked, too', async () => (await scrape(gateway)).status === 200);
  expect(await passed(gateway)).toBe(workers);
  await gateway.meet();
  await gateway.askEach(path, { token: tokens.admin });
  await poll('the new one’s are added', async () => (await passed(gateway)) === 2 * workers);
});

it('a scrape fails, rather than be half of the sum, while a worker does not answer', async () => {
  const gateway = await start();
  expect((await scrape(gateway)).status).toBe(200);
  const stopped = gateway.workerPids()[0] ?? 0;
  process.kill(stopped, 'SIGSTOP');
  const { status, body } = await scrape(gateway);
  expect([status, JSON.parse(body).errors[0].extensions]).toEqual([
    503,
    { code: 'SERVICE_UNAVAILABLE', service: 'workers' },
  ]);
  process.kill(stopped, 'SIGCONT');
  await poll('all answer again', async () => (await scrape(gateway)).status === 200);
});
