import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
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
  const feed = createFeed({
    url: directus.url,
    token: 'service',
    hasPolicies,
    readPermissions: () => Promise.resolve({ get: () => ({ read: { access } }) }),
    heartbeatMs: 10_000,
    onChange: () => changes.push(performance.now()),
    logger: createLogger({ level: 'silent' }),
  });
  stops.push(directus.stop, feed.stop);
  return { directus, feed, changes };
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

  it('of several changes each is forgotten at once, and the last one once more', async () => {
    const { directus, changes } = await liveFeed();
    for (let count = 0; count < 5; count += 1) directus.say(change);
    await until(() => changes.length === 6);
    await pause(600);
    expect(changes).toHaveLength(6);
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
