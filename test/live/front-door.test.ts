import { once } from 'node:events';
import {
  authentication,
  createDirectus,
  createItem,
  graphql,
  readAssetBlob,
  readItems,
  readMe,
  realtime,
  rest,
  uploadFiles,
} from '@directus/sdk';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { callDirectus } from '../../demo/directus/call.ts';
import { useLiveWorld } from '../world/live-world.ts';
import { logIn, logOut, refresh } from '../world/log-in.ts';
import { newUser, type User } from '../world/new-user.ts';

const live = useLiveWorld('11.17.4', { FRONT_DOOR: 'true' });
const password = 'a password of no account but in a test';

/** A new user with the role of Directus' own admin. */
async function newAdmin(): Promise<User> {
  const { directus } = live();
  const { role } = Object(await callDirectus(directus, 'GET', '/users/me?fields=role'));
  return await newUser(directus, { role, password });
}

describe.each(['json', 'cookie', 'session'] as const)(
  'the SDK, logged in through the front door in %s mode,',
  (mode) => {
    let email: string;
    /** What a browser would keep. */
    let cookies: string;
    const browser = async (url: string | URL | Request, options: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(options.headers);
      if (cookies !== '') headers.set('Cookie', cookies);
      const answer = await fetch(url, { ...options, headers });
      const set = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
      if (set.length > 0) cookies = set.join('; ');
      return answer;
    };
    const connect = () =>
      createDirectus(live().gateway.url, { globals: { fetch: browser, WebSocket } })
        .with(authentication(mode, { credentials: 'include', autoRefresh: false }))
        .with(rest({ credentials: 'include' }))
        .with(graphql({ credentials: 'include' }));

    beforeAll(async () => {
      email = (await newAdmin()).email;
    });

    it('reads, writes, asks GraphQL, refreshes and logs out', async () => {
      cookies = '';
      const client = connect();
      await client.login({ email, password });
      expect(await client.request(readMe({ fields: ['email'] }))).toEqual({ email });
      const { id } = Object(await client.request(createItem('messages', { To: '+1', Body: mode })));
      expect(await client.request(readItems('messages', { filter: { id: { _eq: id } }, fields: ['Body'] }))).toEqual([
        { Body: mode },
      ]);
      expect(await client.query('query { customers(limit: 1) { id } }')).toEqual({
        customers: [{ id: expect.anything() }],
      });

      await client.refresh();
      expect(await client.request(readMe({ fields: ['email'] }))).toEqual({ email });
      await client.logout();
      await expect(client.request(readMe())).rejects.toMatchObject({ response: { status: 401 } });
    });

    it('uploads a file, and downloads it as it was', async () => {
      cookies = '';
      const client = connect();
      await client.login({ email, password });
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      const form = new FormData();
      form.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'random.bin');
      const { id } = Object(await client.request(uploadFiles(form)));
      const blob = await client.request(readAssetBlob(id));

      expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    });
  },
);

describe('a browser with the session cookie of the front door’s origin', () => {
  const inBrowser = (cookie: string) => {
    const { url } = live().gateway;
    return { Cookie: cookie, Origin: url, 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' };
  };

  it('calls an upstream with it, GET and POST, and Directus beside it', async () => {
    const { gateway, taps } = live();
    const user = await newAdmin();
    const { cookie } = await logIn(gateway.url, { ...user, password }, 'session');
    const headers = inBrowser(cookie);
    const payments = await fetch(`${gateway.url}/stripe/payments`, { headers });
    const created = await fetch(`${gateway.url}/stripe/customers`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: user.email }),
    });
    const items = await fetch(`${gateway.url}/items/customers?limit=1`, { headers });

    expect([payments.status, created.status, items.status]).toEqual([200, 200, 200]);
    expect(await payments.json()).toEqual(expect.any(Array));
    expect(await created.json()).toMatchObject({ object: 'customer', email: user.email });
    expect(taps.stripe.wire.received()).not.toContain(cookie);
  });

  it('is refused a write from another site, though a browser may have sent the cookie', async () => {
    const { gateway, taps } = live();
    const user = await newAdmin();
    const { cookie } = await logIn(gateway.url, { ...user, password }, 'session');
    const answer = await fetch(`${gateway.url}/stripe/customers`, {
      method: 'POST',
      headers: { ...inBrowser(cookie), Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' },
      body: '{"email":"a@b.test"}',
    });

    expect(answer.status).toBe(403);
    expect(taps.stripe.seen).toEqual([]);
  });

  it('keeps it through a refresh, and it is nothing after logging out, here and there', async () => {
    const { gateway } = live();
    const user = await newAdmin();
    const first = await logIn(gateway.url, { ...user, password }, 'session');
    const second = await refresh(gateway.url, first, 'session');
    const headers = inBrowser(second.cookie);
    expect((await fetch(`${gateway.url}/users/me`, { headers })).status).toBe(200);
    await logOut(gateway.url, second, 'session');

    expect((await fetch(`${gateway.url}/users/me`, { headers })).status).toBe(401);
    expect((await fetch(`${gateway.url}/stripe/payments`, { headers })).status).toBe(401);
  });

  it('opens Data Studio', async () => {
    const { gateway } = live();
    const page = await fetch(`${gateway.url}/admin`);
    const html = await page.text();

    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const script = /src="([^"]+\.js)"/.exec(html)?.[1] ?? '';
    const base = /<base href="([^"]+)"/.exec(html)?.[1] ?? '';
    const asset = await fetch(new URL(script, new URL(base, page.url)));
    expect([asset.status, asset.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')]);
  });
});

describe('Directus’ WebSocket through the front door', () => {
  it('tells the SDK of a change that was made through the front door', async () => {
    const { gateway, directus } = live();
    const user = await newAdmin();
    const client = createDirectus<{ customers: { id: number; name: string }[] }>(gateway.url, {
      globals: { WebSocket },
    })
      .with(realtime({ authMode: 'handshake', url: `${gateway.url.replace('http', 'ws')}/websocket` }))
      .with(authentication('json', { autoRefresh: false }));
    client.setToken(user.token);
    await client.connect();
    const { subscription } = await client.subscribe('customers', { event: 'create', query: { fields: ['name'] } });
    await subscription.next(); // init
    const heard = subscription.next();
    await fetch(`${gateway.url}/items/customers`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${directus.adminToken}`, 'Content-Type': 'application/json' },
      body: '{"name":"Heard Of"}',
    });

    expect((await heard).value).toMatchObject({ type: 'subscription', event: 'create', data: [{ name: 'Heard Of' }] });
    client.disconnect();
  });

  it('takes the session cookie, and refuses a dead one with Directus’ own 401', async () => {
    const { gateway } = live();
    const user = await newAdmin();
    const { cookie } = await logIn(gateway.url, { ...user, password }, 'session');
    const socketUrl = `${gateway.url.replace('http', 'ws')}/websocket`;
    const socket = new WebSocket(socketUrl, { headers: { Cookie: cookie }, origin: gateway.url });
    await once(socket, 'open');
    socket.send('{"type":"items","action":"read","collection":"customers","query":{"limit":1}}');
    const [message] = await once(socket, 'message');
    expect(JSON.parse(String(message))).toMatchObject({ type: 'items', data: [{ id: expect.anything() }] });
    socket.close();

    const dead = new WebSocket(socketUrl, { headers: { Cookie: 'directus_session_token=dead' } });
    const [error] = await once(dead, 'error');
    expect(String(error)).toContain('401');
  });
});

it('Directus sees the caller’s address, and not what the caller claims of it', async () => {
  const { gateway, directus } = live();
  const user = await newAdmin();
  await fetch(`${gateway.url}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': '6.6.6.6', 'User-Agent': 'front door test' },
    body: JSON.stringify({ email: user.email, password }),
  });
  const activity = await callDirectus(directus, 'GET', `/activity?filter[user][_eq]=${user.id}&fields=ip,user_agent`);

  expect(activity).toEqual([{ ip: '127.0.0.1', user_agent: 'front door test' }]);
});
