import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { startCollector } from '../world/collector.ts';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();

/** So many requests of one span each; 512 spans are sent at once. Resolves when all have been answered with 200. */
async function flood({ url }: Pick<RunningGateway, 'url'>, count: number): Promise<void> {
  const statuses = new Set<number>();
  for (let sent = 0; sent < count; sent += 64) {
    const answers = Array.from({ length: Math.min(64, count - sent) }, async () => {
      const answer = await fetch(`${url}/server/ping`);
      await answer.arrayBuffer();
      statuses.add(answer.status);
    });
    await Promise.all(answers);
  }
  expect([...statuses]).toEqual([200]);
}

const linesAbout = (log: string): Record<string, unknown>[] =>
  log
    .split('\n')
    .filter((line) => line.includes('the collector'))
    .map((line) => JSON.parse(line));

describe('a collector that refuses spans', () => {
  it('costs no request, and is told of once; so is that it takes them again', async () => {
    const collector = stopLater(await startCollector());
    const gateway = await startGateway({
      ...world.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20canaryCollectorKey',
    });
    collector.answerWith(({ headers }, response) => {
      response.statusMessage = `no ${headers.authorization}`;
      response.writeHead(401).end(headers.authorization);
    });
    for (let batch = 1; batch <= 3; batch += 1) {
      await flood(gateway, 512);
      await collector.posted(batch);
    }
    await gateway.logged(({ msg }) => msg === 'the collector takes no spans');
    collector.answerWith((_request, response) => response.end());
    await flood(gateway, 512);
    await gateway.logged(({ msg }) => msg === 'the collector takes spans again');
    await gateway.stop();
    expect(linesAbout(gateway.logs())).toEqual([
      { level: 40, time: expect.any(Number), code: 401, msg: 'the collector takes no spans' },
      { level: 30, time: expect.any(Number), msg: 'the collector takes spans again' },
    ]);
    expect(collector.posts[0]?.headers.authorization).toBe('Bearer canaryCollectorKey');
    expect(gateway.logs()).not.toContain('canary');
  });
});

describe('a collector that hangs', () => {
  it('costs no request, and no more memory than that of 2048 spans and a batch: further ones are dropped', async () => {
    const collector = stopLater(await startCollector());
    const gateway = await startGateway({ ...world.environment, OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin });
    const held: ServerResponse[] = [];
    collector.answerWith((_request, response) => held.push(response));
    await flood(gateway, 512);
    await collector.posted(1);
    await flood(gateway, 3_000);
    const batches = held.length; // a slow machine sees the first one given up
    collector.answerWith((_request, response) => response.end());
    for (const response of held) response.end();
    await gateway.stop();
    const sent = collector.spans().length;
    expect(sent).toBeGreaterThanOrEqual(2_048);
    expect(sent).toBeLessThanOrEqual(batches * 512 + 2_048);
    expect(sent).toBeLessThan(3_512);
  });
});

describe('at SIGTERM', () => {
  const start = (OTEL_EXPORTER_OTLP_ENDPOINT: string) =>
    startGatewayProcess({ ...world.environment, SERVER_SHUTDOWN_TIMEOUT: '1s', OTEL_EXPORTER_OTLP_ENDPOINT });
  const ask = async (url: string) => (await fetch(`${url}/stripe/v1/customers`, { headers: as(tokens.admin) })).status;

  it('the collector is told what is left, the last request included', async () => {
    const collector = stopLater(await startCollector());
    const gateway = stopLater(await start(collector.origin));
    expect(await ask(gateway.url)).toBe(200);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(collector.spans().map(({ name }) => name)).toContain('GET /v1/customers');
    expect(linesAbout(gateway.log())).toEqual([]);
  });

  it('the gateway stops as it should though the collector hangs', async () => {
    const collector = stopLater(await startCollector());
    collector.answerWith(() => undefined);
    const gateway = stopLater(await start(collector.origin));
    expect(await ask(gateway.url)).toBe(200);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(collector.posts).toHaveLength(1);
    expect(gateway.log()).toContain('"msg":"stopped"');
  });

  it('and though there is none', async () => {
    const gateway = stopLater(await start('http://127.0.0.1:9'));
    expect(await ask(gateway.url)).toBe(200);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(gateway.log()).toContain('"msg":"stopped"');
  });
});
