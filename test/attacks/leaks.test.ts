import { describe, expect, it } from '@jest/globals';
import { ask, statusOf } from '../world/dial.ts';
import type { Answer } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { verdict } from '../world/verdict.ts';
import { accountSid, secrets, tokens } from '../world/world.ts';

/** After each test every byte that anybody received, and the log at level debug, is searched for secrets. */
const stopLater = useStops();
const world = await useWorld();
const { stripeKey, twilioToken } = secrets;
const [customers, messages] = ['/stripe/v1/customers', `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`];
const bearer = `Authorization: Bearer ${tokens.admin}`;
const basic = Buffer.from(`${accountSid}:${twilioToken}`).toString('base64');

describe('an upstream that gives its own credential away in a header: the caller gets the answer without it', () => {
  const headers: [string, string, string, string][] = [
    ['Location', 'Location', `https://else.test/?key=${stripeKey}`, 'CWE-522'],
    ['Location, with user information', 'Location', `https://${stripeKey}:@api.test/v1`, 'RFC 9110, section 4.2.4'],
    ['Location, in escapes', 'Location', `/x?key=${stripeKey.replaceAll('_', '%5f')}`, 'RFC 3986, section 2.1'],
    ['Content-Location', 'Content-Location', `/v1/x?k=${stripeKey}`, 'RFC 9110, section 8.7'],
    ['Link', 'Link', `<https://else.test/?k=${stripeKey}>; rel="next"`, 'RFC 8288, section 3'],
    ['WWW-Authenticate', 'WWW-Authenticate', `Bearer realm="${stripeKey}"`, 'RFC 9110, section 11.6.1'],
    ['Authentication-Info', 'Authentication-Info', `nextnonce="${stripeKey}"`, 'RFC 9110, section 11.6.3'],
    ['Set-Cookie', 'Set-Cookie', `key=${stripeKey}; Path=/`, 'RFC 6265, section 8.3'],
    ['a header of its own', 'X-Echo-Authorization', `Bearer ${stripeKey}`, 'ours'],
    ['Base64', 'X-Echo', Buffer.from(`${stripeKey}:`).toString('base64'), 'RFC 7617, section 2'],
    ['ETag', 'ETag', `"${stripeKey}"`, 'ours'],
    ['Content-Disposition', 'Content-Disposition', `attachment; filename="${stripeKey}.csv"`, 'ours'],
    ['Refresh', 'Refresh', `0; url=https://else.test/${stripeKey}`, 'ours'],
    ['Warning', 'Warning', `199 - "key ${stripeKey}"`, 'RFC 9111, section 5.5'],
  ];
  it.each(headers)('%s', async (_where, name, value) => {
    world.stripe.answerWith((_request, response) => response.setHeader(name, value).end('{"ok":true}'));
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]);

    expect([statusOf(received), received.includes('{"ok":true}')]).toEqual([200, true]);
    expect(received).not.toContain(stripeKey);
  });

  it('the status line’s reason', async () => {
    world.stripe.answerWith((_request, response) => response.writeHead(200, `OK ${stripeKey}`).end('{}'));
    expect(await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer])).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });

  it('a trailer', async () => {
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { Trailer: 'X-Key' }).write('{}');
      response.addTrailers({ 'X-Key': stripeKey });
      response.end();
    });
    expect(await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer])).toContain('{}');
  });

  it('a 103 that comes before the answer', async () => {
    world.stripe.answerWith((_request, response) =>
      response.writeEarlyHints({ link: `<https://else.test/${stripeKey}>; rel=preload` }, () => response.end('{}')),
    );
    expect(statusOf(await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]))).toBe(200);
  });
});

describe('an upstream that refuses the gateway’s key and quotes it: 502 in the gateway’s own words', () => {
  it.each([401, 403, 407])('%i', async (status) => {
    world.stripe.answerWith((_request, response) =>
      response.writeHead(status, { 'X-Key': stripeKey }).end(`{"error":"Invalid API Key provided: ${stripeKey}"}`),
    );
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]);
    expect(verdict(received)).toBe('502 UPSTREAM_CREDENTIAL_REJECTED');
  });
});

/** What was sent in pieces, as one text. */
const withoutChunks = (received: string) => {
  const [answerHead = '', ...rest] = received.split('\r\n\r\n');
  return `${answerHead}\r\n\r\n${rest.join('\r\n').replaceAll(/(^|\r\n)[\da-f]+\r\n/g, '')}`;
};

describe('an upstream that quotes the key in a body: nothing of that piece goes out', () => {
  const echo =
    (status: number, text: string, type = 'application/json'): Answer =>
    (_request, response) =>
      response.writeHead(status, { 'Content-Type': type }).end(text);
  const streamed: [string, Answer][] = [
    ['of a success', echo(200, `{"headers":{"authorization":"Bearer ${stripeKey}"}}`)],
    ['of an error', echo(400, `{"error":{"message":"Bad key ${stripeKey}"}}`)],
    ['of a failure, with a stack', echo(500, `<pre>Error: ${stripeKey}\n    at x.js:1</pre>`, 'text/html')],
    ['far behind its beginning', echo(200, `${' '.repeat(300_000)}${stripeKey}`)],
    [
      'in two pieces',
      (_request, response) => {
        response.writeHead(200).write(`{"key":"${stripeKey.slice(0, 12)}`);
        setTimeout(() => response.end(`${stripeKey.slice(12)}"}`), 20);
      },
    ],
    [
      'in very small pieces',
      (_request, response) => {
        response.writeHead(200);
        for (const letter of stripeKey.slice(0, -1)) response.write(letter);
        setTimeout(() => response.end(stripeKey.at(-1)), 20);
      },
    ],
  ];
  it.each(streamed)('%s', async (what, answer) => {
    const id = what.replaceAll(/\W/g, '-');
    world.stripe.answerWith(answer);
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer, `X-Request-Id: ${id}`]);

    expect(withoutChunks(received)).not.toContain(stripeKey);
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    await world.gateway.logged(({ code, requestId }) => code === 'UPSTREAM_ANSWER_UNREADABLE' && requestId === id);
  });

  it('which is read for its links: 502', async () => {
    world.twilio.answerWith(echo(200, `{"auth_token":"${twilioToken}"}`));
    const received = await ask(world.gateway.port, [`GET ${messages} HTTP/1.1`, bearer]);
    expect(verdict(received)).toBe('502 UPSTREAM_ANSWER_UNREADABLE');
  });

  it('which is cut to the fields that the caller reads: 502 where one of them holds it', async () => {
    world.stripe.answerWith(echo(200, `{"id":"cus_1","email":"${stripeKey}"}`));
    const received = await ask(world.gateway.port, [
      `GET ${customers}/cus_1 HTTP/1.1`,
      `Authorization: Bearer ${tokens.fields}`,
    ]);
    expect(verdict(received)).toBe('502 UPSTREAM_ANSWER_UNREADABLE');
  });

  it.each([400, 402, 429])('to the operations that the gateway composes: %i', async (status) => {
    world.stripe.answerWith((_request, response) =>
      response
        .writeHead(status, { 'Content-Type': 'application/json', 'Stripe-Should-Retry': 'false' })
        .end(`{"error":{"type":"card_error","message":"Key ${stripeKey}"}}`),
    );
    const received = await ask(world.gateway.port, ['GET /stripe/payments HTTP/1.1', bearer]);
    expect(verdict(received)).toBe('502 UPSTREAM_ANSWER_UNREADABLE');
  });

  it('but what only begins like it comes whole, to the last byte', async () => {
    const text = `{"a":"${stripeKey.slice(0, -1)}","b":"${stripeKey.slice(1)}"}`;
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200);
      for (const letter of text) response.write(letter);
      response.end();
    });
    const received = await ask(world.gateway.port, [`GET ${customers} HTTP/1.1`, bearer]);
    expect(withoutChunks(received)).toContain(`\r\n\r\n${text}`);
    world.gateway.wire.clear(); // but for its last byte, it is the key
  });
});

describe('what callers are told of their own failures', () => {
  const requests: [string, string, string[], string][] = [
    [
      'an error text quotes no token',
      '401 INVALID_CREDENTIALS',
      ['GET /stripe/v1/customers', 'Authorization: Bearer canaryUnknown'],
      'CWE-209',
    ],
    [
      'nor does a token in the query come back',
      '401 INVALID_CREDENTIALS',
      ['GET /stripe/v1/customers?access_token=canaryUnknown'],
      'RFC 6750, section 5.3',
    ],
    [
      'nor one of a path that nobody has',
      '404 ROUTE_NOT_FOUND',
      ['GET /nowhere?access_token=canaryUnknown'],
      'CWE-209',
    ],
    [
      'nor one that is sent in two ways',
      '400 INVALID_PAYLOAD',
      ['GET /stripe/v1/customers?access_token=canaryUnknown', bearer],
      'RFC 6750, section 2',
    ],
    ['a bad path has no stack trace', '400 INVALID_PAYLOAD', ['GET /stripe/%zz', bearer], 'CWE-209'],
    [
      'a body that is no JSON has none either',
      '400 INVALID_PAYLOAD',
      ['POST /stripe/v1/customers', bearer, 'Content-Type: application/json', 'Content-Length: 12'],
      'CWE-209',
    ],
  ];
  it.each(requests)('%s: %s', async (_what, expected, [line = '', ...lines]) => {
    const body = lines.includes('Content-Length: 12') ? '{"a":canary}' : '';
    const received = await ask(world.gateway.port, [`${line} HTTP/1.1`, ...lines], body);
    expect(verdict(received)).toBe(expected);
    expect(received).not.toMatch(/\.[jt]s:\d|node_modules|\bat \w+ \(/);
    expect(world.stripe.seen).toEqual([]);
  });
});

describe('what tells about the gateway tells no secret', () => {
  it.each([
    ['/server/health', ''],
    ['/server/ping', ''],
    [`/gateway/explain?path=${encodeURIComponent(customers)}`, bearer],
    [`/gateway/explain?path=${encodeURIComponent(messages)}&method=POST`, bearer],
    [`/gateway/explain?path=${encodeURIComponent(messages)}&access_token=${tokens.admin}`, ''],
    ['/server/info', bearer],
    ['/metrics', bearer],
    ['/.env', bearer],
  ])('%s', async (path, token) => {
    const received = await ask(world.gateway.port, [`GET ${path} HTTP/1.1`, ...(token === '' ? [] : [token])]);
    expect(statusOf(received)).not.toBe(500);
    expect(received).not.toContain(basic);
    expect(received).not.toContain(world.stripe.origin);
  });

  it('nor does a log at level debug, of failures on every side', async () => {
    const gateway = stopLater(await startGateway({ ...world.environment, LOG_LEVEL: 'trace' }));
    const get = (path: string) => ask(gateway.port, [`GET ${path} HTTP/1.1`, bearer, 'Cookie: a=canaryCookie']);
    world.stripe.answerWith((request) => request.socket.destroy());
    expect(verdict(await get(customers))).toBe('502 UPSTREAM_UNREACHABLE');
    expect(verdict(await get('/stripe/payments'))).toBe('502 UPSTREAM_UNREACHABLE');
    world.twilio.answerWith((_request, response) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('x'.repeat(11_000_000)),
    );
    expect(verdict(await get(messages))).toBe('502 UPSTREAM_ANSWER_UNREADABLE');
    world.directus.answerWith((_request, response) => response.end('<h1>canaryTokenAdmin</h1>'));
    expect(
      verdict(await ask(gateway.port, [`GET ${customers} HTTP/1.1`, `Authorization: Bearer ${tokens.reader}`])),
    ).toBe('503 SERVICE_UNAVAILABLE');
    expect(gateway.logs()).not.toMatch(/canary|c2tfdGVzd/i);
  });
});
