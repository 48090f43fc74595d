import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { startCollector } from '../world/collector.ts';
import { startGateway } from '../world/start-gateway.ts';
import { startStubWebSocket } from '../world/stub-websocket.ts';
import { useStops } from '../world/use-stops.ts';

const stopLater = useStops();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

it('an operator sees a WebSocket through the front door, and Directus is told the span of its handshake', async () => {
  const directus = stopLater(await startStubWebSocket());
  const collector = stopLater(await startCollector());
  const gateway = await startGateway({
    DIRECTUS_URL: directus.origin,
    FRONT_DOOR: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
  });
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/websocket?access_token=bait`, { headers });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  await gateway.logged(({ path }) => path === '/websocket');
  await gateway.stop();

  const [server] = collector.spans().filter(({ kind }) => kind === 'server');
  const [client] = collector.spans().filter(({ kind }) => kind === 'client');
  expect(server).toMatchObject({ name: 'GET', traceId, isError: false });
  expect(server?.attributes).toMatchObject({
    'http.response.status_code': 101,
    'directus_gateway.upstream': 'directus',
  });
  expect(client).toMatchObject({ parentId: server?.spanId, attributes: { 'http.response.status_code': 101 } });
  expect(directus.offers[0]?.headers.traceparent).toBe(`00-${traceId}-${client?.spanId}-01`);
  expect(collector.received()).not.toMatch(/bait|websocket/);
});
