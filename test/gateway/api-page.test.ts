import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { dial, head } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const { directus, environment } = world;
const caller = supertest(world.gateway.url);
const withMore = async (more: Record<string, string>) =>
  supertest((await stopLater(await startGateway({ ...environment, ...more }))).url);

const policyOf = (answer: supertest.Response): string[] =>
  String(answer.headers['content-security-policy']).split(';').toSorted();

describe('a browser opens the API page', () => {
  it('which may run its own scripts, speak to the gateway and to Directus, and nothing else', async () => {
    const answer = await caller.get('/gateway/');

    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(policyOf(answer)).toEqual([
      "base-uri 'none'",
      `connect-src 'self' ${directus.url}`,
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  it.each([
    ['main.js', 'text/javascript; charset=utf-8'],
    ['page.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
    ['settings.json', 'application/json; charset=utf-8'],
    ['library/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['library/swagger-ui.css', 'text/css; charset=utf-8'],
    ['library/LICENSE', 'text/plain; charset=utf-8'],
  ])('and gets %s, under the same policy', async (name, type) => {
    const answer = await caller.get(`/gateway/${name}`);

    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(policyOf(answer)).toEqual(policyOf(await caller.get('/gateway/')));
  });

  it('from /gateway too, wherever a proxy has put it', async () => {
    const answer = await caller.get('/gateway');

    expect([answer.status, answer.headers.location]).toEqual([308, 'gateway/']);
  });

  it('whose scripts and styles are files of its own: nothing stands in the page itself', async () => {
    const { text } = await caller.get('/gateway/');

    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|https?:/i);
    expect([...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script type="module" src="main.js">']);
  });

  it('whose scripts ask for scripts that are there', async () => {
    const wanted = new Set(['main.js']);
    for (const name of wanted) {
      const { status, text } = await caller.get(`/gateway/${name}`);
      expect({ name, status }).toEqual({ name, status: 200 });
      for (const [, next = ''] of text.matchAll(/ from '\.\/([^']+)'/g)) wanted.add(next);
    }
    expect(wanted.size).toBeGreaterThan(8);
  });
});

describe('a browser that opens it, and a form to try calls, at once', () => {
  it('does not meet the rate of an address', async () => {
    const rates = { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_DURATION: '3600' };
    const { get } = await withMore(rates);
    const rest = ['page.css', 'icon.svg', 'settings.json', 'library/swagger-ui-bundle.js', 'library/swagger-ui.css'];
    const wanted = new Set(['', 'main.js', 'specs/oas', ...rest]);
    for (const name of wanted) {
      const { status, text } = await get(`/gateway/${name}`);
      expect({ name, status }).toEqual({ name, status: 200 });
      if (!/^\w[\w-]*\.js$/.test(name)) continue;
      for (const [, next = ''] of text.matchAll(/ from '\.\/([^']+)'/g)) wanted.add(next);
    }
    expect(wanted.size).toBeGreaterThan(16);
  });
});

describe('a browser that has it already', () => {
  it('is told that it is the same', async () => {
    const { headers } = await caller.get('/gateway/main.js');
    const again = await caller.get('/gateway/main.js').set('If-None-Match', String(headers.etag));

    expect([headers['cache-control'], again.status, again.text]).toEqual(['no-cache', 304, '']);
    expect(policyOf(again)).toContain("default-src 'none'");
  });

  it('gets it packed where it says that it can unpack it, and whole where it does not', async () => {
    const ask = async (encoding: string) => {
      const url = `${world.gateway.url}/gateway/library/swagger-ui.css`;
      const answer = await fetch(url, { headers: { 'Accept-Encoding': encoding } });
      return { answer, text: await answer.text() };
    };
    const [packed, whole] = [await ask('gzip'), await ask('identity')];

    expect([packed.answer.headers.get('content-encoding'), whole.answer.headers.get('content-encoding')]).toEqual([
      'gzip',
      null,
    ]);
    expect([packed.answer.headers.get('vary'), packed.text]).toEqual(['Accept-Encoding', whole.text]);
  });
});

describe('whoever asks', () => {
  const asset = '/gateway/library/swagger-ui-bundle.js';

  it.each([
    ['a file of the page', asset, ''],
    ['what they may do', '/gateway/specs/oas', `Authorization: Bearer ${tokens.admin}`],
  ])('and takes nothing of it is let go, and not waited for: %s', async (_what, path, header) => {
    const limits = { readerStillMs: 200 };
    const gateway = stopLater(await startGateway(environment, { limits }));
    const call = dial(gateway.port);
    call.socket.pause();
    const lines = [`GET ${path} HTTP/1.1`, 'X-Request-Id: takes-nothing', header].filter((line) => line !== '');
    call.send(head(...lines).repeat(100)); // more than the system keeps for a reader

    expect(
      await gateway.logged(({ requestId, reason }) => requestId === 'takes-nothing' && reason === 'reader_still'),
    ).toMatchObject({ code: 'REQUEST_TIMEOUT', cutOff: true });
    call.socket.resume();
    await call.closed;
  });

  it('for more than an address may in one go waits', async () => {
    const rates = { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_DURATION: '3600' };
    const { get } = await withMore({ ...rates, RATE_LIMITER_POINTS: '2' });
    const answers = [await get(asset), await get('/gateway/'), await get('/gateway/main.js')];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.body.errors[0].extensions.code).toBe('REQUESTS_EXCEEDED');
  });

  it('gets the same bytes, and Directus is not asked who it is', async () => {
    const answers = [
      await caller.get('/gateway/'),
      await caller.get('/gateway/').set(as(tokens.admin)),
      await caller.get('/gateway/?access_token=canaryTokenUnknown&x=<script>'),
      await caller.get('/gateway/').set({ Cookie: 'directus_session_token=canaryTokenUnknown', Host: 'evil.example' }),
    ];

    expect(new Set(answers.map(({ text, headers }) => text + headers.etag)).size).toBe(1);
    expect(directus.asked).toEqual([]);
  });

  it.each([
    ['/gateway/index.html', 404],
    ['/gateway/main.ts', 404],
    ['/gateway/tsconfig.json', 404],
    ['/gateway/library/', 404],
    ['/gateway/library/package.json', 404],
    ['/Gateway/', 404],
    ['/gateway/constructor', 404],
    ['/gateway/..%2fpackage.json', 400],
    ['/gateway/%2e%2e/package.json', 400],
    ['/gateway//main.js', 400],
    ['/gateway/%zz', 400],
  ])('gets nothing else: %s, but %d', async (path, status) => {
    expect((await caller.get(path)).status).toBe(status);
  });

  it('reads only: a POST is no way to it', async () => {
    expect((await caller.post('/gateway/').send('x=1')).status).toBe(404);
  });

  it('gets the head alone with HEAD', async () => {
    const { status, headers, text } = await caller.head('/gateway/').set('Accept-Encoding', 'identity');

    expect([status, Number(headers['content-length']) > 1_000, text ?? '']).toEqual([200, true, '']);
  });
});

describe('an operator', () => {
  it('turns it off with API_PAGE_ENABLED=false, and what it asks stays', async () => {
    const without = await withMore({ API_PAGE_ENABLED: 'false' });

    expect([
      (await without.get('/gateway/')).status,
      (await without.get('/gateway/main.js')).status,
      (await without.get('/gateway/specs/oas')).status,
    ]).toEqual([404, 404, 200]);
  });

  it('says with DIRECTUS_PUBLIC_URL where browsers reach Directus', async () => {
    const told = await withMore({ DIRECTUS_PUBLIC_URL: 'https://directus.example/cms/' });
    const page = await told.get('/gateway/');

    expect((await told.get('/gateway/settings.json')).body).toEqual({ directusUrl: 'https://directus.example/cms' });
    expect(policyOf(page)).toContain("connect-src 'self' https://directus.example");
  });

  it('need not say it with FRONT_DOOR: it is the page’s own address', async () => {
    const front = await withMore({ FRONT_DOOR: 'true', DIRECTUS_PUBLIC_URL: 'https://directus.example' });
    const page = await front.get('/gateway/');

    expect((await front.get('/gateway/settings.json')).body).toEqual({ directusUrl: null });
    expect(policyOf(page)).toContain("connect-src 'self'");
    expect(directus.asked).toEqual([]);
  });
});
