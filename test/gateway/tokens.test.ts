import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { refuse } from '../world/answers.ts';
import { ask, dial, head, statusOf } from '../world/dial.ts';
import { jwt } from '../world/jwt.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const customers = '/stripe/v1/customers';
const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const everyField = { access: 'full', fields: ['*'] };
const sessionCookie = (token: string) => `theme=canaryCookieTheme; directus_session_token=${token}`;

describe('a caller whose token Directus knows is let through, and the upstream gets the gateway’s credential instead', () => {
  const other = 'canaryTokenOther';
  const places: [string, (token: string) => { query?: string; headers?: Record<string, string> }][] = [
    ['in the query', (token) => ({ query: `?access_token=${token}` })],
    ['in the query, its name percent-encoded', (token) => ({ query: `?access%5Ftoken=${token}` })],
    ['as Bearer', (token) => ({ headers: as(token) })],
    ['as bearer in lower case', (token) => ({ headers: { Authorization: `bearer ${token}` } })],
    ['in the session cookie', (token) => ({ headers: { Cookie: sessionCookie(token) } })],
    ['as the password of Basic', (token) => ({ headers: { Authorization: basic(`AC123:${token}`) } })],
    ['as the user name of Basic with no password', (token) => ({ headers: { Authorization: basic(`${token}:`) } })],
    [
      'in the query beside a cookie, which loses',
      (token) => ({ query: `?access_token=${token}`, headers: { Cookie: sessionCookie(other) } }),
    ],
    [
      'as Bearer beside a cookie, which loses',
      (token) => ({ headers: { ...as(token), Cookie: sessionCookie(other) } }),
    ],
    [
      'in the query beside Basic, which is looked at last',
      (token) => ({ query: `?access_token=${token}`, headers: { Authorization: basic(`u:${other}`) } }),
    ],
    [
      'in the cookie beside Basic, which is looked at last',
      (token) => ({ headers: { Authorization: basic(`u:${other}`), Cookie: sessionCookie(token) } }),
    ],
    [
      'in the cookie beside an Authorization of another scheme',
      (token) => ({ headers: { Authorization: 'Digest x', Cookie: sessionCookie(token) } }),
    ],
  ];

  it.each(places)('%s', async (place, request) => {
    const token = `canaryToken${place.replace(/\W/g, '')}`;
    world.directus.users.set(token, { id: 'user-new', permissions: { customers: { read: everyField } } });
    const { query = '', headers = {} } = request(token);
    const answer = await caller.get(customers + query).set(headers);

    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    expect(new Set(world.directus.asked.map((question) => question.token))).toEqual(new Set([token]));
    expect(world.stripe.seen).toHaveLength(1);
    expect(world.stripe.seen[0]?.target).toBe('/v1/customers');
    expect(world.stripe.seen[0]?.headers.authorization).toBe(`Bearer ${secrets.stripeKey}`);
    expect(world.stripe.seen[0]?.headers).not.toHaveProperty('cookie');
  });

  it('Twilio gets its account’s credential as Basic', async () => {
    await caller.get(`/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`).set(as(tokens.reader));

    expect(world.twilio.seen[0]?.headers.authorization).toBe(basic(`${accountSid}:${secrets.twilioToken}`));
  });
});

describe('the query reaches the upstream without access_token and otherwise byte for byte', () => {
  const token = `access_token=${tokens.reader}`;
  const queries: [string, string, string][] = [
    ['alone', `?${token}`, ''],
    ['first', `?${token}&limit=3`, '?limit=3'],
    ['last', `?limit=3&${token}`, '?limit=3'],
    [
      'in the middle of repeated and raw names',
      `?MediaUrl=a&${token}&MediaUrl=b&DateSent%3E=1`,
      '?MediaUrl=a&MediaUrl=b&DateSent%3E=1',
    ],
    ['among empty parts, blanks and other cases', `?&&a=%20+%2b&${token}&B=%C3%A4&c&=d`, '?&&a=%20+%2b&B=%C3%A4&c&=d'],
    [
      'beside names that only look like it',
      `?access_tokens=1&${token}&Access_Token=2&xaccess_token=3&a[access_token]=4`,
      '?access_tokens=1&Access_Token=2&xaccess_token=3&a[access_token]=4',
    ],
    ['beside a name that begins with a question mark', `?a=1&?access_token=5&${token}`, '?a=1&?access_token=5'],
    [
      'absent, in the header instead',
      '?expand[]=data.customer&created[gt]=1&q="x"',
      '?expand[]=data.customer&created[gt]=1&q="x"',
    ],
  ];

  it.each(queries)('%s', async (_where, query, expected) => {
    const header = query.includes(token) ? [] : [`Authorization: Bearer ${tokens.reader}`];
    const received = await ask(world.gateway.port, [`GET ${customers}${query} HTTP/1.1`, ...header]);

    expect(statusOf(received)).toBe(200);
    expect(world.stripe.seen.map(({ target }) => target)).toEqual([`/v1/customers${expected}`]);
  });
});

describe('a caller without one plain token is refused, and neither Directus nor the upstream hears of it', () => {
  const { reader } = tokens;
  const twice = `?access_token=${reader}&access_token=${reader}`;
  const requests: [string, string, Record<string, string>, number, string][] = [
    ['no token at all', '', {}, 401, 'INVALID_CREDENTIALS'],
    ['an empty one in the query', '?access_token=', {}, 401, 'INVALID_CREDENTIALS'],
    ['an empty cookie', '', { Cookie: sessionCookie('') }, 401, 'INVALID_CREDENTIALS'],
    ['a token without a scheme', '', { Authorization: reader }, 401, 'INVALID_CREDENTIALS'],
    ['two spaces after Bearer', '', { Authorization: `Bearer  ${reader}` }, 401, 'INVALID_CREDENTIALS'],
    ['something after the token', '', { Authorization: `Bearer ${reader} x` }, 401, 'INVALID_CREDENTIALS'],
    ['Basic without a colon', '', { Authorization: basic(reader) }, 401, 'INVALID_CREDENTIALS'],
    ['Basic with neither user nor password', '', { Authorization: basic(':') }, 401, 'INVALID_CREDENTIALS'],
    ['another cookie', '', { Cookie: `session=${reader}` }, 401, 'INVALID_CREDENTIALS'],
    ['the parameter in another case', `?ACCESS_TOKEN=${reader}`, {}, 401, 'INVALID_CREDENTIALS'],
    ['a name that begins with a question mark', `??access_token=${reader}`, {}, 401, 'INVALID_CREDENTIALS'],
    ['the parameter twice', twice, {}, 401, 'INVALID_CREDENTIALS'],
    ['the parameter as a list', `?access_token[]=${reader}`, {}, 401, 'INVALID_CREDENTIALS'],
    ['the parameter as an object', `?access_token[a]=${reader}`, {}, 401, 'INVALID_CREDENTIALS'],
    ['the parameter twice beside Basic', twice, { Authorization: basic(`u:${reader}`) }, 401, 'INVALID_CREDENTIALS'],
    ['query and header together', `?access_token=${reader}`, as(reader), 400, 'INVALID_PAYLOAD'],
    ['the parameter as an object beside a header', `?access_token[a]=${reader}`, as(reader), 400, 'INVALID_PAYLOAD'],
    ['the parameter twice beside a header', twice, as(reader), 400, 'INVALID_PAYLOAD'],
    ['a token with a line break', '?access_token=canaryTokenA%0d%0aX-Injected:%201', {}, 401, 'INVALID_CREDENTIALS'],
    ['a token that is not ASCII', '?access_token=canaryTokenA%C3%A4', {}, 401, 'INVALID_CREDENTIALS'],
  ];

  it.each(requests)('%s', async (_what, query, headers, status, code) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const received = await ask(world.gateway.port, [`GET ${customers}${query} HTTP/1.1`, ...lines]);

    expect(statusOf(received)).toBe(status);
    expect(received).toContain(`"extensions":{`);
    expect(received).toContain(`"code":"${code}"`);
    expect(/^WWW-Authenticate: Bearer\r$/im.test(received)).toBe(status === 401);
    expect(world.directus.asked).toEqual([]);
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('a caller whom Directus refuses gets Directus’ own status, code and sentence, and the upstream sees nothing', () => {
  const refusals: [number, string, string][] = [
    [401, 'INVALID_CREDENTIALS', 'Invalid user credentials.'],
    [401, 'TOKEN_EXPIRED', 'Token expired.'],
    [403, 'INVALID_TOKEN', 'Invalid token.'],
    [403, 'FORBIDDEN', "You don't have permission to access this."],
  ];

  it.each(refusals)('%i %s', async (status, code, message) => {
    world.directus.answerWith((_request, response) => refuse(response, status, code, message));
    const answer = await caller.get(customers).set(as(`canaryTokenRefused${code}`));

    expect(answer.status).toBe(status);
    expect(answer.body.errors).toEqual([{ message, extensions: { code } }]);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('a JWT that is nobody’s, though Directus has accepted it', async () => {
    const token = jwt({ exp: 4_000_000_000 });
    world.directus.users.set(token, { permissions: { customers: { read: everyField } } });
    const answer = await caller.get(customers).set(as(token));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([403, 'INVALID_TOKEN']);
    expect(world.stripe.wire.received()).toBe('');
  });

  it('a token that Directus does not know', async () => {
    const answer = await caller.get(customers).set(as('canaryTokenUnknown'));

    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([401, 'INVALID_CREDENTIALS']);
    expect(world.directus.asked[0]).toMatchObject({ token: 'canaryTokenUnknown' });
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('on one connection', () => {
  it('each request is judged by its own token, also where they come in one piece', async () => {
    const call = dial(world.gateway.port);
    const request = (path: string, ...lines: string[]) => head(`GET ${customers}/${path} HTTP/1.1`, ...lines);
    call.send(
      request('first', `Authorization: Bearer ${tokens.reader}`) +
        request('second') +
        request('third', `Authorization: Bearer ${tokens.nobody}`) +
        request('fourth', `Authorization: Bearer ${tokens.admin}`, 'Connection: close'),
    );
    const received = await call.closed;

    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual([200, 401, 403, 200].map((status) => `HTTP/1.1 ${status}`));
    expect(world.stripe.seen.map(({ target }) => target).sort()).toEqual(
      ['first', 'fourth'].map((id) => `/v1/customers/${id}`),
    );
  });
});

describe('a gateway whose Directus has renamed the session cookie', () => {
  it('takes the token from the cookie of that name only', async () => {
    const gateway = await startGateway({ ...world.environment, SESSION_COOKIE_NAME: 'house' });
    const renamed = await supertest(gateway.url).get(customers).set('Cookie', `house=${tokens.reader}`);
    const usual = await supertest(gateway.url).get(customers).set('Cookie', sessionCookie(tokens.reader));
    await gateway.stop();

    expect([renamed.status, usual.status]).toEqual([200, 401]);
    expect(world.stripe.seen).toHaveLength(1);
  });
});
