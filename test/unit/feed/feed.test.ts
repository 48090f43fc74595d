import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import type { Concerned } from '../../../src/feed/concerned.ts';
import { createFeed } from '../../../src/feed/feed.ts';
import { createLogger } from '../../../src/log/logger.ts';
import { playDirectus, type Script } from './playing-directus.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function feedOf(
  script: Script = {},
  hasPolicies: () => Promise<boolean> = () => Promise.resolve(true),
  access: 'full' | 'partial' = 'full',
) {
  const directus = await playDirectus(script);
  const changes: number[] = [];
  const concerned: Concerned[] = [];
  const rights = { access };
  const feed = createFeed({
    url: directus.url,
    token: 'service',
    hasPolicies,
    readPermissions: () => Promise.resolve({ get: () => ({ read: { ...rights } }) }),
    heartbeatMs: 10_000,
    onChange: (whom) => {
      changes.push(performance.now());
      concerned.push(whom);
    },
    logger: createLogger({ level: 'silent' }),
  });
  stops.push(directus.stop, feed.stop);
  return { directus, feed, changes, concerned, rights };
}

async function until(holds: () => boolean, withinMs = 3_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error('It did not come to pass.');
    await pause(5);
  }
}

/** A feed that is live, and has forgotten what was before. */
async function liveFeed() {
  const parts = await feedOf();
  parts.feed.start();
  await until(() => parts.changes.length === 2);
  parts.changes.length = 0;
  parts.concerned.length = 0;
  return parts;
}

const change = { type: 'subscription', event: 'update', uid: 'directus_users' };

describe('while the feed is live', () => {
  it('it begins when every collection is confirmed, and forgets what was before: at once and again', async () => {
    const { directus, feed, changes } = await feedOf({ confirms: false });
    feed.start();
    await directus.heard(7);
    expect([feed.isLive(), changes.length]).toEqual([false, 0]);
    directus.confirm(...directus.said.slice(1).map(({ uid }) => uid ?? ''));
    await until(() => feed.isLive());
    expect(changes).toHaveLength(1);
    await until(() => changes.length === 2);
  });

  it('a change in Directus is forgotten at once, and once more half a second later', async () => {
    const { directus, feed, changes } = await liveFeed();
    const saidAt = performance.now();
    directus.say(change);
    await until(() => changes.length === 2);
    const [first = 0, second = 0] = changes;
    expect(first - saidAt).toBeLessThan(250);
    expect(second - first).toBeGreaterThanOrEqual(490);
    expect(second - first).toBeLessThan(1_500);
    await pause(600);
    expect([feed.isLive(), changes.length]).toEqual([true, 2]);
  });

  it('it ends, and does not come back, when a permission that is changed turns out to be its own', async () => {
    const { directus, feed, rights } = await liveFeed();
    rights.access = 'partial';
    directus.say({ ...change, uid: 'directus_permissions', data: [{ id: 1 }] });
    await until(() => !feed.isLive());
    await pause(600);
    expect([feed.isComplete(), directus.connections()]).toEqual([false, 1]);
    rights.access = 'full';
    await until(() => feed.isLive());
  });

  it('of several changes each is forgotten at once, and each once more: another user’s puts none off', async () => {
    const { directus, concerned } = await liveFeed();
    for (const id of ['user-1', 'user-2', 'user-3']) directus.say({ ...change, data: [{ id }] });
    await until(() => concerned.length === 6);
    await pause(600);
    expect(concerned).toEqual([['user-1'], ['user-2'], ['user-3'], ['user-1'], ['user-2'], ['user-3']]);
  });

  it.each([
    ['a change of users', change, [{ id: 'user-1' }, { id: 'user-2' }], ['user-1', 'user-2']],
    ['the end of a user', { ...change, event: 'delete' }, ['user-1'], ['user-1']],
    ['the end of a user whose key was written otherwise', { ...change, event: 'delete' }, ['USER-1'], ['user-1']],
    ['a logout', { ...change, event: 'create', uid: 'directus_activity' }, [{ user: 'user-1' }], ['user-1']],
    ['a logout of nobody', { ...change, uid: 'directus_activity' }, [{ user: null }], 'everybody'],
    [
      'a change of more users than are named',
      change,
      Array.from({ length: 100 }, (_, id) => ({ id: `${id}` })),
      'everybody',
    ],
    ['a change of no user', change, [], 'everybody'],
    ['a change that names nobody', change, undefined, 'everybody'],
    ['a change that is not understood', change, [{ id: 'user-1' }, { id: 2 }], 'everybody'],
    ['a change of a role', { ...change, uid: 'directus_roles' }, [{ id: 'role-1' }], 'everybody'],
    ['a change of who has which policy', { ...change, uid: 'directus_access' }, [{ id: 'access-1' }], 'everybody'],
    ['a change that names no collection', { ...change, uid: undefined }, [{ id: 'user-1' }], 'everybody'],
  ])('%s concerns whom it is about', async (_what, said, data, whom) => {
    const { directus, concerned } = await liveFeed();
    directus.say({ ...said, data });
    await until(() => concerned.length > 0);
    expect(concerned[0]).toEqual(whom);
  });

  it('Directus is asked to name those whom a change is about', async () => {
    const { directus } = await liveFeed();
    const queries = directus.said.flatMap(({ uid, query }) => (uid === undefined ? [] : [[uid, query] as const]));
    expect(new Map(queries).get('directus_users')).toEqual({ fields: ['id'], limit: 100 });
    expect(new Map(queries).get('directus_activity')).toEqual({
      fields: ['user'],
      limit: 100,
      filter: { action: { _eq: 'logout' } },
    });
  });
});

describe('a feed that is lost', () => {
  const ways: [string, object | 'close' | 'terminate'][] = [
    ['by an error', { type: 'auth', status: 'error', error: { code: 'TOKEN_EXPIRED' } }],
    ['by the end of the connection', 'close'],
    ['by its breaking', 'terminate'],
  ];
  it.each(ways)('%s counts as lost, forgets, and comes back', async (_how, way) => {
    const { directus, feed, changes } = await liveFeed();
    if (typeof way === 'object') directus.say(way);
    else directus.client()[way]();
    await until(() => !feed.isLive());
    expect(changes).toHaveLength(1);
    await until(() => feed.isLive());
    expect([directus.connections(), changes.length]).toEqual([2, 2]);
  });

  it('is tried again after a growing pause, while Directus does not take it', async () => {
    const { directus, feed, changes } = await feedOf({ authenticates: false });
    feed.start();
    const times: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await until(() => directus.said.length === attempt, 5_000);
      times.push(performance.now());
      directus.say({ type: 'auth', status: 'error', error: { code: 'AUTH_FAILED' } });
    }
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, leastMs] of [125, 250, 500].entries())
      expect(pauses[index]).toBeGreaterThanOrEqual(leastMs - 10);
    expect([feed.isLive(), changes]).toEqual([false, []]);
  });

  it('is tried again when Directus could not be asked for its version', async () => {
    let asked = 0;
    const { feed } = await feedOf({}, () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('down')) : Promise.resolve(false);
    });
    feed.start();
    await until(() => feed.isLive());
    expect(asked).toBe(2);
  });
});

it('a feed whose token reads only some of what it watches is not begun', async () => {
  const { directus, feed } = await feedOf({}, undefined, 'partial');
  feed.start();
  await pause(400);
  expect([feed.isLive(), directus.connections()]).toEqual([false, 0]);
});

describe('a feed that is stopped', () => {
  it('is not live, and comes back no more', async () => {
    const { directus, feed, changes } = await liveFeed();
    const left = once(directus.client(), 'close');
    directus.say(change);
    await until(() => changes.length === 1);
    feed.stop();
    await left;
    await pause(700);
    expect([feed.isLive(), directus.connections(), changes.length]).toEqual([false, 1, 1]);
  });

  it('opens no connection when it was stopped before it was known which Directus this is', async () => {
    const version = Promise.withResolvers<boolean>();
    const { directus, feed } = await feedOf({}, () => version.promise);
    feed.start();
    feed.stop();
    version.resolve(true);
    await pause(50);
    expect(directus.connections()).toBe(0);
  });
});

describe('an operator reads in the log why there is no feed:', () => {
  const told = async (error: Error): Promise<string> => {
    const lines: string[] = [];
    const feed = createFeed({
      url: 'http://127.0.0.1:9',
      token: 'canaryService',
      hasPolicies: () => Promise.resolve(true),
      readPermissions: () => Promise.reject(error),
      heartbeatMs: 10_000,
      onChange: () => undefined,
      logger: createLogger({ level: 'warn' }, { write: (line) => lines.push(line) }),
    });
    stops.push(feed.stop);
    feed.start();
    await until(() => lines.length > 0);
    expect(lines.join('')).not.toContain('canary');
    return JSON.parse(lines[0] ?? '').err.message;
  };

  it('Directus refuses the token, and of which variable it is', async () => {
    const refused = await told(new GatewayError('INVALID_CREDENTIALS'));
    expect(refused).toBe('Directus refuses DIRECTUS_TOKEN: Invalid user credentials.');
  });

  it('Directus is away, which is no fault of the token', async () => {
    expect(await told(new GatewayError('SERVICE_UNAVAILABLE'))).not.toContain('DIRECTUS_TOKEN');
  });
});
