import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Feed, FeedParts } from '../../../src/feed/feed.ts';
import { createLogger } from '../../../src/log/logger.ts';
import { createSharedFeed, type SharedFeed } from '../../../src/workers/shared-feed.ts';

const live = { live: true, complete: true, changed: undefined };
let shared: SharedFeed;
beforeEach(() => {
  shared = createSharedFeed(200);
});
afterEach(() => shared.stop());

/** The feed of a gateway, with how it stood each time that the gateway was to forget. */
function gatewayFeed(): { readonly feed: Feed; readonly forgotten: boolean[] } {
  const forgotten: boolean[] = [];
  const parts: FeedParts = {
    url: 'http://127.0.0.1:9',
    token: 'service',
    hasPolicies: () => Promise.resolve(true),
    readPermissions: () => Promise.resolve(new Map()),
    heartbeatMs: 1,
    onChange: () => forgotten.push(feed.isComplete()),
    logger: createLogger({ level: 'silent' }),
  };
  const feed = shared.createFeed(parts);
  return { feed, forgotten };
}

it('a worker takes nothing for granted before it has heard of the feed', () => {
  const { feed } = gatewayFeed();
  expect([feed.isLive(), feed.isComplete()]).toEqual([false, false]);
});

it('a worker forgets when the feed begins and at each change, and not because it is told again how things stand', () => {
  const { feed, forgotten } = gatewayFeed();
  shared.hear(live);
  expect([feed.isComplete(), forgotten]).toEqual([true, [true]]);
  shared.hear(live);
  shared.hear({ ...live, changed: 'everybody' });
  expect(forgotten).toHaveLength(2);
});

it('a feed that tells of some changes only is live, and not complete', () => {
  const { feed } = gatewayFeed();
  shared.hear({ ...live, complete: false });
  expect([feed.isLive(), feed.isComplete()]).toEqual([true, false]);
});

it('a worker whose primary falls silent forgets once, and trusts the feed no more until it hears of it', async () => {
  const { feed, forgotten } = gatewayFeed();
  shared.hear(live);
  await sleep(700);
  expect([feed.isLive(), feed.isComplete(), forgotten]).toEqual([false, false, [true, false]]);
  shared.hear(live);
  expect([feed.isComplete(), forgotten.length]).toEqual([true, 3]);
});

it('what is said for the next set-up is not for the last one, also where it stays', () => {
  const last = gatewayFeed();
  shared.hear(live);
  shared.cut();
  expect([last.feed.isLive(), last.forgotten.length]).toEqual([false, 2]);
  shared.hear(live);
  expect(last.feed.isComplete()).toBe(false);

  const next = gatewayFeed();
  last.feed.stop();
  shared.hear(live);
  expect([last.feed.isComplete(), next.feed.isComplete()]).toEqual([false, true]);
});
