import { once } from 'node:events';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { callFrom } from '../world/call-from.ts';
import { findHaproxy } from '../world/haproxy.ts';
import { useLiveWorld } from '../world/live-world.ts';
import { newUser } from '../world/new-user.ts';
import { type Scaled, startScaled } from '../world/start-scaled.ts';
import { useStops } from '../world/use-stops.ts';
import { as } from '../world/use-world.ts';

const haproxy = await findHaproxy();
const suite = 'missing' in haproxy ? describe.skip : describe;
const why = 'missing' in haproxy ? ` (left out: ${haproxy.missing})` : '';
const office = '127.0.7.7';

suite(`a user whose policy counts at the office only, of a real Directus behind the balancer and three gateways${why}`, () => {
  const stopLater = useStops();
  const live = useLiveWorld('11.17.4');
  let scaled: Scaled;
  let token: string;
  beforeAll(async () => {
    if ('missing' in haproxy) return;
    const { directus, environment } = live();
    const access = { name: 'office', ip_access: [office], admin_access: false, app_access: false };
    const policy = await createInDirectus(directus, '/policies', access);
    const mayRead = { policy, collection: 'customers', action: 'read', fields: ['*'], permissions: {} };
    await callDirectus(directus, 'POST', '/permissions', mayRead);
    token = (await newUser(directus, { password: 'of no account but in a test', policies: [{ policy }] })).token;
    scaled = stopLater(await startScaled(haproxy, { environment: { ...environment, FRONT_DOOR: 'true' } }));
  }, 120_000);

  const forged = { 'X-Forwarded-For': office, Forwarded: `for=${office}`, 'X-Real-IP': office };
  const rows = [
    { who: 'is there', from: office, more: {}, status: 200 },
    { who: 'is elsewhere', from: '127.0.7.8', more: {}, status: 403 },
    { who: 'is elsewhere and says to be there', from: '127.0.7.9', more: forged, status: 403 },
  ];

  it.each(rows)('who $who is answered $status', async ({ from, more, status }) => {
    for (const path of ['/stripe/v1/customers', '/items/customers']) {
      const answer = await callFrom(scaled.balancer.url, { path, from, headers: { ...as(token), ...more } });
      expect({ path, status: answer.status }).toEqual({ path, status });
    }
    expect(live().taps.stripe.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  it('may use Directus’ WebSocket from there', async () => {
    const url = `${scaled.balancer.url.replace('http', 'ws')}/websocket`;
    const socket = new WebSocket(url, { localAddress: office });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'auth', access_token: token }));
    const [answer] = await once(socket, 'message');
    expect(JSON.parse(String(answer))).toMatchObject({ type: 'auth', status: 'ok' });
    socket.close();
    await once(socket, 'close');
  });
});
