import { describe, expect, it } from '@jest/globals';
import { createGateway } from '../../src/create-gateway.ts';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { createLogger } from '../../src/log/logger.ts';
import { readSetup } from '../../src/read-setup.ts';
import { answering, createReloading } from '../../src/reloading.ts';
import { createGatewayServer } from '../../src/server.ts';
import { dial, head } from '../world/dial.ts';
import { jwt } from '../world/jwt.ts';
import { leaks } from '../world/leaks.ts';
import { listen } from '../world/listen.ts';
import { onlyConfig, startGateway } from '../world/start-gateway.ts';
import type { StubUser } from '../world/stub-items.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';
import { type Attack, carryOut, verdicts } from './attack.ts';

const rules = (strict: string) => `
upstreams:
  stripe:
    rules:
      - { methods: [GET], path: /v1/loose, collection: loose }
      - { methods: [GET], path: /v1/strict, collection: ${strict} }
      - { methods: [POST], path: /v1/act, collection: loose, action: read }
      - { methods: [POST], path: /v1/act/strictly, collection: loose, action: update }
      - { methods: [GET], path: /v1/by/:resource, collection: "shop_{resource}" }
      - { methods: [GET], path: /v1/rows/:id, collection: owned, row: { field: stripe_id, from: [{ path: id }] } }
      - { methods: [GET], path: /v1/rows, collection: owned }
      - { methods: [GET], path: /v1/open, collection: open, public: true }
`;
const clock = { now: 1_800_000_000_000 };
const setup = { IP_TRUST_PROXY: 'true', PERMISSIONS_TTL: '1h', DIRECTUS_TOKEN: 'canaryTokenService' };
const { DIRECTUS_TOKEN: _token, ...alone } = setup;
const stopLater = useStops(); // first, so that nobody is listened to any more when Directus stops
const world = await useWorld(alone, { now: () => clock.now, config: rules('strict') });
const { directus } = world;
/** Hears of changes, and knows what the public may do. */
const hearing = stopLater(
  await startGateway({ ...world.environment, ...setup }, { now: () => clock.now, config: rules('strict') }),
);

const read = { read: { access: 'full', fields: ['*'] } };
const home = '203.0.113.7';
const seconds = (): number => Math.floor(clock.now / 1_000);
let made = 0;

/** A caller of one attack alone. */
function user(permissions: StubUser['permissions'], more: Partial<StubUser> = {}, token = ''): string {
  made += 1;
  const ownToken = token || `canaryTokenCaller${made}`;
  directus.users.set(ownToken, { id: `user-${made}`, permissions, ...more });
  return ownToken;
}

type Sent = { readonly token?: string; readonly method?: string; readonly from?: string; readonly lines?: string[] };
const request = (path: string, { token, method = 'GET', from = home, lines = [] }: Sent) =>
  head(
    `${method} /stripe/v1/${path} HTTP/1.1`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    `X-Forwarded-For: ${from}`,
    ...lines,
    'Content-Length: 0',
    'Connection: close',
  );
const call = async (path: string, sent: Sent, port = world.gateway.port) => {
  const connection = dial(port);
  connection.send(request(path, sent));
  return verdicts(await connection.closed);
};
/** An honest call that succeeds, so that its caller is remembered. */
const honest = async (path: string, sent: Sent, port?: number) => expect(await call(path, sent, port)).toBe('200');

const own = { id: 1, values: { stripe_id: 'own' } };
const forbidden = '403 FORBIDDEN';
const unknown = '401 INVALID_CREDENTIALS';

/** The same caller comes twice: what was found the first time must not stand for the second. */
const twice = (
  name: string,
  source: string,
  first: { path: string; permissions: StubUser['permissions'] } & Sent,
  second: { path: string } & Sent,
  gets = forbidden,
): Attack => {
  const token = user(first.permissions, { rows: [own] });
  return {
    name,
    before: () => honest(first.path, { ...first, token }),
    sends: request(second.path, { ...second, token }),
    gets,
    source,
  };
};

const boundToHome = user({ loose: read });
const colon = user({ loose: read }, {}, 'canaryTokenColon');
const quote = user({ loose: read }, {}, 'canaryTokenQuote');
const fading = user({ loose: read });
const rowOwner = user({ owned: { read: { access: 'partial', fields: ['*'] } } }, { rows: [own] });
const forever = user({ loose: read });
const expiring = { token: '' };

const partial = { owned: { read: { access: 'partial', fields: ['*'] } } };
const attacks: readonly Attack[] = [
  twice(
    'a stricter route after a looser one',
    'CWE-863',
    { path: 'loose', permissions: { loose: read } },
    { path: 'strict' },
  ),
  twice(
    'a write after a read',
    'CWE-863',
    { path: 'loose', permissions: { loose: read } },
    { path: 'act/strictly', method: 'POST' },
  ),
  twice(
    'another method on the same path',
    'CWE-650',
    { path: 'customers', permissions: { customers: read } },
    { path: 'customers', method: 'POST' },
  ),
  twice(
    'DELETE after GET of one customer',
    'CWE-650',
    { path: 'customers/cus_1', permissions: { customers: read } },
    { path: 'customers/cus_1', method: 'DELETE' },
  ),
  twice(
    'POST after HEAD',
    'CWE-650',
    { path: 'customers', method: 'HEAD', permissions: { customers: read } },
    { path: 'customers', method: 'POST' },
  ),
  twice(
    'another action of the same method',
    'ours',
    { path: 'act', method: 'POST', permissions: { loose: read } },
    { path: 'act/strictly', method: 'POST' },
  ),
  twice(
    'another collection of one rule, by the name in the path',
    'CWE-639',
    { path: 'by/a', permissions: { shop_a: read } },
    { path: 'by/b' },
  ),
  twice(
    'a collection whose name begins with that of the granted one',
    'ours',
    { path: 'by/a', permissions: { shop_a: read } },
    { path: 'by/a_secret' },
  ),
  twice(
    'another row than the one that was readable',
    'CWE-639',
    { path: 'rows/own', permissions: partial },
    { path: 'rows/other' },
  ),
  twice(
    'all rows after one that was readable',
    'CWE-639',
    { path: 'rows/own', permissions: partial },
    { path: 'rows' },
  ),
  {
    name: 'a row that is not the caller’s any more',
    before: async () => {
      await honest('rows/own', { token: rowOwner });
      directus.users.set(rowOwner, { id: 'user-rows', permissions: partial, rows: [] });
    },
    sends: request('rows/own', { token: rowOwner }),
    gets: forbidden,
    source: 'CWE-367',
  },
  {
    name: 'the same token from an address that its policy is not for',
    before: async () => {
      await honest('loose', { token: boundToHome });
      directus.answerWith((asked, response) => {
        if (asked.headers['x-forwarded-for'] !== home) response.end('{"data":{}}');
        else directus.answerAsDirectus(asked, response);
      });
    },
    sends: request('loose', { token: boundToHome, from: '198.51.100.9' }),
    gets: ['503 SERVICE_UNAVAILABLE', forbidden],
    source: 'CWE-290',
  },
  {
    name: 'an address that only looks like the one that is remembered',
    before: () => honest('loose', { token: forever }),
    sends: request('loose', { token: forever, from: '203.0.113.07' }),
    gets: forbidden,
    asks: [],
    source: 'CVE-2021-29418 (octets with a leading zero)',
  },
  {
    name: 'token and address cut elsewhere: the first of the two has part of the address',
    before: () => honest('loose', { token: colon, from: '2001:db8::1' }),
    sends: request('loose', { token: `${colon}:2001`, from: 'db8::1' }),
    gets: unknown,
    asks: [`${colon}:2001`],
    source: 'CWE-694 (keys that are joined)',
  },
  {
    name: 'a token that holds the quotation marks of a key',
    before: () => honest('loose', { token: quote }),
    sends: request('loose', { token: `${quote}","${home}`, from: home }),
    gets: unknown,
    asks: [`${quote}","${home}`],
    source: 'CWE-694 (keys that are joined)',
  },
  {
    name: 'a JWT that is remembered for an hour and expires in a minute',
    before: async () => {
      expiring.token = user({ loose: read }, {}, jwt({ id: 'user-exp', role: null, exp: seconds() + 60 }));
      await honest('loose', expiring);
      clock.now += 60_000;
      directus.users.delete(expiring.token);
    },
    sends: () => request('loose', expiring),
    gets: unknown,
    source: 'RFC 7519 section 4.1.4',
  },
  {
    name: 'a JWT that says it never expires, when PERMISSIONS_TTL is over',
    before: async () => {
      expiring.token = user({ loose: read }, {}, jwt({ id: 'user-exp', role: null, exp: 1e300 }));
      await honest('loose', expiring);
      clock.now += 3_600_000;
      directus.users.delete(expiring.token);
    },
    sends: () => request('loose', expiring),
    gets: unknown,
    source: 'RFC 8725 section 3.10',
  },
  {
    name: 'a permission that was withdrawn, when PERMISSIONS_TTL is over',
    before: async () => {
      await honest('loose', { token: fading });
      directus.users.set(fading, { id: 'user-fading', permissions: {} });
      clock.now += 3_600_000;
    },
    sends: request('loose', { token: fading }),
    gets: forbidden,
    source: 'CWE-613',
  },
  {
    name: 'no token, from an address whose token is remembered',
    before: () => honest('loose', { token: forever }),
    sends: request('loose', {}),
    gets: unknown,
    asks: [],
    source: 'ours',
  },
];

describe('a decision that was made for something else', () => {
  carryOut(world, attacks);

  it('a failure of Directus is shared by those who wait for it, and by nobody who comes later (CWE-636)', async () => {
    const token = user({ loose: read });
    directus.answerWith((_request, response) => response.writeHead(500).end());
    expect(await Promise.all([call('loose', { token }), call('loose', { token })])).toEqual(
      Array(2).fill('503 SERVICE_UNAVAILABLE'),
    );
    expect(world.stripe.seen).toEqual([]);
    directus.answerWith(directus.answerAsDirectus);

    expect(await call('loose', { token })).toBe('200');
  });

  it('a refused token under way does not take a good one with it, nor the other way round (CWE-362)', async () => {
    const token = user({ loose: read });
    const held = Promise.withResolvers<void>();
    directus.answerWith((asked, response) => {
      void held.promise.then(() => directus.answerAsDirectus(asked, response));
    });
    const calls = [token, `${token}x`, token, `${token}x`].map((each) => call('loose', { token: each }));
    await directus.arrived(4); // two questions about each token
    held.resolve();

    expect(await Promise.all(calls)).toEqual(['200', unknown, '200', unknown]);
    expect(world.stripe.seen).toHaveLength(2);
  });

  it('a caller who hangs up while Directus is asked does not fail those who wait with them (ours)', async () => {
    const token = user({ loose: read });
    const held = Promise.withResolvers<void>();
    directus.answerWith((asked, response) => {
      void held.promise.then(() => directus.answerAsDirectus(asked, response));
    });
    const leaving = dial(world.gateway.port);
    leaving.send(request('loose', { token }));
    await directus.arrived(2);
    const waiting = call('loose', { token });
    leaving.socket.resetAndDestroy();
    await leaving.closed;
    held.resolve();

    expect(await waiting).toBe('200');
  });

  it('the same Idempotency-Key of two users is two keys for the upstream (CWE-639)', async () => {
    const both = [tokens.admin, tokens.creator];
    for (const token of both) await honest('customers', { token, method: 'POST', lines: ['Idempotency-Key: 1'] });
    const keys = world.stripe.seen.map(({ headers }) => headers['idempotency-key']);

    expect(new Set([...keys, '1']).size).toBe(3);
  });
});

describe('the public and those who bear a token', () => {
  const policy = '11111111-1111-4111-8111-111111111111';
  const grant = (collection: string) => {
    const permissions = [{ collection, action: 'read', fields: ['*'] }];
    directus.service.publicPolicies.set(policy, { ip_access: [], permissions });
  };
  const poor = user({});
  const rich = user({ open: read });
  const from = (last: number) => `192.0.2.${last}`;
  const publicAttacks: readonly Attack[] = [
    {
      name: 'a token that is none, where the public may',
      before: async () => {
        grant('open');
        await honest('open', { from: from(1) }, hearing.port);
      },
      sends: request('open', { token: 'canaryTokenNone', from: from(1) }),
      gets: unknown,
      source: 'ours',
    },
    {
      name: 'what the public may, by a user who may not',
      before: async () => {
        grant('open');
        await honest('open', { from: from(2) }, hearing.port);
      },
      sends: request('open', { token: poor, from: from(2) }),
      gets: forbidden,
      source: 'ours',
    },
    {
      name: 'what a user may, by the public at their address',
      before: async () => {
        grant('elsewhere');
        await honest('open', { token: rich, from: from(3) }, hearing.port);
      },
      sends: request('open', { from: from(3) }),
      gets: forbidden,
      source: 'CWE-524',
    },
    {
      name: 'a route that is not public, after one that is',
      before: async () => {
        grant('open');
        await honest('open', { from: from(4) }, hearing.port);
      },
      sends: request('loose', { from: from(4) }),
      gets: unknown,
      source: 'CWE-306',
    },
  ];
  carryOut(world, publicAttacks, hearing);

  it('and no secret has got anywhere by these', () => expect(leaks({ ...world, gateway: hearing })).toEqual([]));
});

it('what one set-up has remembered does not hold under the next (ours)', async () => {
  const environment = { ...world.environment };
  const setUp = (strict: string) => readSetup(environment, onlyConfig(rules(strict)));
  const logger = createLogger({ level: 'fatal' });
  const limitStore = await createLimitStore({ variables: { REDIS: undefined }, logger, now: () => clock.now });
  const reloading = createReloading({
    setup: setUp('loose'),
    readAgain: () => setUp('strict'),
    build: (given) => createGateway(given, { logger, now: () => clock.now, isStopping: () => false, limitStore }),
    logger,
  });
  const { handle, upgrades } = answering(reloading);
  const server = createGatewayServer(handle, upgrades);
  const { port, stop } = await listen(server);
  const token = user({ loose: read });
  try {
    await honest('strict', { token }, port);
    reloading.reload();
    expect(await call('strict', { token }, port)).toBe(forbidden);
    directus.users.delete(token);
    reloading.reload();
    expect(await call('loose', { token }, port)).toBe(unknown);
    expect(world.stripe.seen).toHaveLength(1);
  } finally {
    reloading.stop();
    await stop();
  }
});
