import { expect, it } from '@jest/globals';
import { startCollector } from '../world/collector.ts';
import { path, useCrews, workers } from '../world/use-crews.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const { start } = useCrews(world);

it('each of several workers tells the collector of what it has served, at the latest when it stops', async () => {
  const collector = stopLater(await startCollector());
  const gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin });
  await gateway.askEach(path, { token: tokens.admin });
  const pids = gateway.workerPids().sort();
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toBe(0);
  const servers = collector.spans().filter(({ name }) => name === 'GET /v1/customers');
  const tellers = servers.filter(({ kind }) => kind === 'server').map(({ resource }) => resource['process.pid']);
  expect(tellers.sort()).toEqual(pids);
  expect(new Set(servers.map(({ resource }) => resource['service.instance.id'])).size).toBe(workers);
});
