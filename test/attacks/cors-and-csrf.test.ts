import { describe, expect, it } from '@jest/globals';
import { ask, statusOf } from '../world/dial.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { verdict } from '../world/verdict.ts';
import { tokens } from '../world/world.ts';

/** The visitor of a foreign page has a session at the gateway's own site; the browser sends its cookie along. */
const stopLater = useStops();
const config = `
upstreams:
  stripe:
    rules:
      - { methods: [GET, HEAD], path: /v1/devices/:id/reboot, collection: customers, action: update }
      - { methods: [POST], path: /v1/search, collection: customers, action: read }
`;
const world = await useWorld({}, { config });
const app = 'https://app.test';
const listed = stopLater(
  await startGateway(
    {
      ...world.environment,
      CORS_ENABLED: 'true',
      CORS_ORIGIN: `${app},https://two.test`,
      CORS_CREDENTIALS: 'true',
    },
    { config },
  ),
);
const atPublicUrl = stopLater(await startGateway({ ...world.environment, PUBLIC_URL: 'https://pay.test' }));
const cookie = `Cookie: directus_session_token=${tokens.admin}`;
const basic = `Authorization: Basic ${Buffer.from(`${tokens.admin}:`).toString('base64')}`;
const form = 'Content-Type: application/x-www-form-urlencoded';
const customers = '/stripe/v1/customers';

type Sent = {
  readonly lines: readonly string[];
  readonly body?: string;
  readonly method?: string;
  readonly target?: string;
};
const send = ({ lines, body = 'email=a', method = 'POST', target = customers }: Sent, port = listed.port) =>
  ask(port, [`${method} ${target} HTTP/1.1`, `Content-Length: ${body.length}`, ...lines], body);

describe('a foreign page cannot write with the visitor’s session', () => {
  const csrf = 'owasp.org/www-community/attacks/csrf';
  const pages: [string, string, Sent][] = [
    [
      'a form of another site',
      csrf,
      { lines: [cookie, form, 'Origin: https://evil.test', 'Sec-Fetch-Site: cross-site'] },
    ],
    ['a form, by a browser without Sec-Fetch', csrf, { lines: [cookie, form, 'Origin: https://evil.test'] }],
    ['a sandboxed frame (origin null)', 'RFC 6454, section 7.3', { lines: [cookie, form, 'Origin: null'] }],
    ['an origin that ends like a listed one', 'CWE-346', { lines: [cookie, form, 'Origin: https://evilapp.test'] }],
    [
      'an origin that begins like a listed one',
      'CWE-346',
      { lines: [cookie, form, 'Origin: https://app.test.evil.test'] },
    ],
    ['a sub-domain of a listed one', 'CWE-346', { lines: [cookie, form, 'Origin: https://blog.app.test'] }],
    ['a listed one without encryption', 'CWE-319', { lines: [cookie, form, 'Origin: http://app.test'] }],
    ['another port of a listed one', 'RFC 6454, section 5', { lines: [cookie, form, 'Origin: https://app.test:8443'] }],
    ['a listed one with user information', 'CWE-346', { lines: [cookie, form, 'Origin: https://app.test@evil.test'] }],
    [
      'two origins in one header',
      'RFC 6454, section 7.1',
      { lines: [cookie, form, 'Origin: https://app.test https://evil.test'] },
    ],
    ['an empty origin', 'ours', { lines: [cookie, form, 'Origin: '] }],
    [
      'no origin, of a sub-domain (same-site)',
      'w3.org/TR/fetch-metadata',
      { lines: [cookie, form, 'Sec-Fetch-Site: same-site'] },
    ],
    ['no origin, of another site', 'w3.org/TR/fetch-metadata', { lines: [cookie, form, 'Sec-Fetch-Site: cross-site'] }],
    ['Sec-Fetch-Site in another case', 'ours', { lines: [cookie, form, 'Sec-Fetch-Site: Cross-Site'] }],
    [
      'JSON as text/plain, which needs no preflight',
      csrf,
      { lines: [cookie, 'Content-Type: text/plain', 'Origin: https://evil.test'], body: '{"email":"a"}' },
    ],
    [
      'multipart',
      csrf,
      { lines: [cookie, 'Content-Type: multipart/form-data; boundary=x', 'Origin: https://evil.test'] },
    ],
    ['no type at all (a Blob by sendBeacon)', 'crbug.com/490015', { lines: [cookie, 'Origin: https://evil.test'] }],
    ['no body at all', csrf, { lines: [cookie, 'Origin: https://evil.test'], body: '' }],
    ['PUT', csrf, { lines: [cookie, form, 'Origin: https://evil.test'], method: 'PUT' }],
    ['DELETE', csrf, { lines: [cookie, 'Origin: https://evil.test'], method: 'DELETE', body: '' }],
    [
      'to a composed operation',
      csrf,
      { lines: [cookie, form, 'Origin: https://evil.test'], target: '/stripe/customers' },
    ],
    [
      'to what a rule calls a read, though it is a POST',
      csrf,
      { lines: [cookie, form, 'Origin: https://evil.test'], target: '/stripe/v1/search' },
    ],
    [
      'with Basic credentials that the browser remembers',
      'RFC 7617, section 2.2',
      { lines: [basic, form, 'Origin: https://evil.test'] },
    ],
    [
      'a Referer of our own does not help',
      csrf,
      { lines: [cookie, form, 'Origin: https://evil.test', 'Referer: http://gateway.test/'] },
    ],
    [
      'nor an X-Requested-With',
      csrf,
      { lines: [cookie, form, 'Origin: https://evil.test', 'X-Requested-With: XMLHttpRequest'] },
    ],
  ];
  it.each(pages)('%s (%s)', async (_what, _source, sent) => {
    expect(verdict(await send(sent))).toBe('403 FORBIDDEN');
    expect(verdict(await send(sent, world.gateway.port))).toBe('403 FORBIDDEN');
    expect([world.stripe.wire.received(), world.directus.asked]).toEqual(['', []]);
  });

  const reboot = { method: 'GET', target: '/stripe/v1/devices/7/reboot', body: '' };
  /** SameSite=Lax lets the cookie go along. */
  const links: [string, Sent][] = [
    ['a link or a redirect', { ...reboot, lines: [cookie, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'] }],
    ['a link of a sub-domain', { ...reboot, lines: [cookie, 'Sec-Fetch-Site: same-site'] }],
    ['a script that asks for credentials', { ...reboot, lines: [cookie, 'Origin: https://evil.test'] }],
    ['a request for the head alone', { ...reboot, method: 'HEAD', lines: [cookie, 'Sec-Fetch-Site: cross-site'] }],
    ['a link in a mail, which is no page', { ...reboot, lines: [cookie, 'Sec-Fetch-Site: none'] }],
    ['a link, in a browser that does not say where it was', { ...reboot, lines: [cookie] }],
    ['a link, with Basic credentials that the browser remembers', { ...reboot, lines: [basic] }],
  ];
  it.each(links)('nor by a GET that a rule calls a write: %s', async (_what, sent) => {
    expect(statusOf(await send(sent))).toBe(403);
    expect(statusOf(await send(sent, world.gateway.port))).toBe(403);
    expect([world.stripe.wire.received(), world.directus.asked]).toEqual(['', []]);
    expect(listed.logs()).toContain('foreign_site');
  });

  it.each([
    ['a link of its own page', [cookie, 'Sec-Fetch-Site: same-origin']],
    ['a script of a listed page', [cookie, `Origin: ${app}`, 'Sec-Fetch-Site: cross-site']],
    ['a program with a token', [`Authorization: Bearer ${tokens.admin}`]],
  ])('yet such a GET may be sent by %s', async (_what, lines) => {
    expect(statusOf(await send({ ...reboot, lines }))).toBe(200);
    expect(world.stripe.seen.map(({ method, target }) => `${method} ${target}`)).toEqual(['GET /v1/devices/7/reboot']);
  });

  it('nor one of the host that is called, where PUBLIC_URL names another', async () => {
    const sent = { lines: [cookie, form, 'Origin: http://gateway.test'] };
    expect(verdict(await send(sent, atPublicUrl.port))).toBe('403 FORBIDDEN');
    expect(world.stripe.wire.received()).toBe('');
  });

  it('a read does not become a write by _method in a form’s query (CWE-650)', async () => {
    const lines = [cookie, 'Origin: https://evil.test'];
    const received = await send({ method: 'GET', target: `${customers}/cus_1?_method=DELETE`, lines, body: '' });
    expect(verdict(received)).toBe('403 FORBIDDEN');
    expect(world.stripe.wire.received()).toBe('');
  });

  it('a read does not become a write by X-HTTP-Method-Override (CWE-650)', async () => {
    const lines = [cookie, 'X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE', 'X-HTTP-Method: DELETE'];
    await send({ method: 'GET', target: `${customers}/cus_1`, lines, body: '' });
    expect(world.stripe.seen.map(({ method }) => method)).toEqual(['GET']);
    expect(world.stripe.wire.received()).not.toMatch(/method-override|http-method/i);
  });

  it('nor a creation a deletion, by _method in the body of one who may only create', async () => {
    const lines = [`Authorization: Bearer ${tokens.creator}`, form, 'X-HTTP-Method-Override: DELETE'];
    await send({ lines, body: '_method=DELETE' });
    expect(world.stripe.seen.map(({ method }) => method)).toEqual(['POST']);
  });

  it.each([
    ['its own page', [cookie, form, 'Origin: http://gateway.test']],
    ['a listed page', [cookie, form, `Origin: ${app}`]],
    [
      'a token that a script sends, from anywhere',
      [`Authorization: Bearer ${tokens.admin}`, form, 'Origin: https://evil.test'],
    ],
    ['no browser', [cookie, form]],
  ])('yet %s may write', async (_what, lines) => {
    expect(statusOf(await send({ lines }))).toBe(200);
    expect(world.stripe.seen.map(({ body }) => body)).toEqual(['email=a']);
  });
});

describe('a foreign page cannot read', () => {
  const origins = [
    'https://evil.test',
    'null',
    'https://app.test.evil.test',
    'https://evilapp.test',
    'HTTPS://APP.TEST.',
    'https://app.test%00.evil.test',
    'file://',
  ];
  it.each(origins)('%s: no Access-Control-Allow-Origin, to a preflight and to an answer', async (origin) => {
    world.stripe.answerWith((_request, response) =>
      response
        .writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Credentials': 'true' })
        .end('{}'),
    );
    const preflight = await ask(listed.port, [
      `OPTIONS ${customers} HTTP/1.1`,
      `Origin: ${origin}`,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Private-Network: true',
      cookie,
    ]);
    const answer = await ask(listed.port, [`GET ${customers} HTTP/1.1`, cookie, `Origin: ${origin}`]);
    expect(`${preflight}${answer}`).not.toMatch(/access-control-allow-(origin|private)/i);
    expect(statusOf(answer)).toBe(200);
    expect(world.stripe.seen).toHaveLength(1);
  });

  it('not even by JSONP or as a script', async () => {
    const received = await ask(listed.port, [
      `GET ${customers}?callback=steal HTTP/1.1`,
      cookie,
      'Sec-Fetch-Dest: script',
    ]);
    expect(received).toMatch(/^x-content-type-options: nosniff/im);
    expect(received).toMatch(/^cross-origin-resource-policy: same-origin/im);
    expect(received).not.toContain('steal(');
  });

  it('nor may a preflight promise what is no method of the gateway', async () => {
    const lines = [`OPTIONS ${customers} HTTP/1.1`, `Origin: ${app}`, 'Access-Control-Request-Method: TRACE'];
    expect(await ask(listed.port, lines)).not.toMatch(/allow-methods:.*TRACE/i);
  });
});
