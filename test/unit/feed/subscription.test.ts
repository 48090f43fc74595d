import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Subscription, subscribe } from '../../../src/feed/subscription.ts';
import { watchedCollections } from '../../../src/feed/watched.ts';
import { type PlayedDirectus, playDirectus, type Script } from './playing-directus.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const stop of stops.splice(0).toReversed()) await stop();
});

type Listening = {
  readonly directus: PlayedDirectus;
  readonly subscription: Subscription;
  readonly events: string[];
  readonly live: Promise<void>;
  readonly ended: Promise<Error>;
};

async function listen(script: Script = {}, hasPolicies = true): Promise<Listening> {
  const directus = await playDirectus(script);
  const live = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Error>();
  const events: string[] = [];
  const subscription = subscribe(
    { url: directus.url, token: 'service', watched: watchedCollections(hasPolicies), heartbeatMs: 10_000 },
    {
      onLive: () => {
        events.push('live');
        live.resolve();
      },
      onEvent: () => events.push('event'),
      onEnd: (error) => {
        events.push('end');
        ended.resolve(error);
      },
    },
  );
  stops.push(directus.stop, subscription.end);
  return { directus, subscription, events, live: live.promise, ended: ended.promise };
}

const always = ['directus_permissions', 'directus_users', 'directus_roles', 'directus_activity'];
const all = [...always, 'directus_policies', 'directus_access'];
/** Until what was sent before has arrived on both sides. */
const arrival = async ({ client }: PlayedDirectus) => {
  client().ping();
  await once(client(), 'pong');
};

describe('the gateway hears of everything that decides what a caller may do', () => {
  it.each([
    ['Directus 11 and later', true, all],
    ['Directus 10, which has no policies', false, always],
  ])('%s', async (_what, hasPolicies, collections) => {
    const { directus, live } = await listen({}, hasPolicies);
    await live;
    expect(directus.said[0]).toEqual({ type: 'auth', access_token: 'service' });
    expect(directus.said.slice(1).map(({ collection }) => collection)).toEqual(collections);
    expect(directus.said.find(({ collection }) => collection === 'directus_activity')).toMatchObject({
      query: { filter: { action: { _eq: 'logout' } } },
    });
  });

  it('only once every collection is confirmed', async () => {
    const { directus, events, live } = await listen({ confirms: false });
    await directus.heard(1 + all.length);
    directus.confirm(...all.slice(1), ...all.slice(1), 'unknown');
    await arrival(directus);
    expect(events).toEqual([]);
    directus.confirm(...all.slice(0, 1));
    await live;
    directus.confirm(...all);
    await arrival(directus);
    expect(events).toEqual(['live']);
  });

  it('of each event once, before all is confirmed too', async () => {
    const { directus, events } = await listen({ confirms: false });
    await directus.heard(1 + all.length);
    for (const event of ['create', 'update', 'delete']) directus.say({ type: 'subscription', event, uid: all[0] });
    await arrival(directus);
    expect(events).toEqual(['event', 'event', 'event']);
  });

  it('and answers when Directus asks whether it is there', async () => {
    const { directus, live } = await listen();
    await live;
    directus.say({ type: 'ping' });
    await directus.heard(2 + all.length);
    expect(directus.said.at(-1)).toEqual({ type: 'pong' });
  });

  it('and does not subscribe before Directus has taken the token', async () => {
    const { directus } = await listen({ authenticates: false });
    await directus.heard(1);
    await arrival(directus);
    expect(directus.said).toHaveLength(1);
  });
});

describe('the gateway does not go on in doubt', () => {
  const messages: [string, object | string, RegExp][] = [
    [
      'a token that is refused',
      { type: 'auth', status: 'error', error: { code: 'AUTH_FAILED' } },
      /refused auth: AUTH_FAILED/,
    ],
    ['a token that has run out', { type: 'auth', status: 'error', error: { code: 'TOKEN_EXPIRED' } }, /TOKEN_EXPIRED/],
    [
      'a collection that it may not read',
      { type: 'subscription', status: 'error', uid: 'directus_users', error: { code: 'FORBIDDEN' } },
      /refused directus_users: FORBIDDEN/,
    ],
    ['an error without a code', { type: 'subscribe', status: 'error' }, /refused subscribe/],
    ['a message that is no JSON', 'hello', /not understood/],
    ['a message without a type', { event: 'update' }, /not understood/],
    ['a message of another form', [], /not understood/],
  ];
  it.each(messages)('%s', async (_what, message, reason) => {
    const { directus, events, live, ended } = await listen();
    await live;
    directus.say(message);
    expect((await ended).message).toMatch(reason);
    expect(events).toEqual(['live', 'end']);
  });

  it('when Directus closes the connection, or it breaks', async () => {
    for (const how of ['close', 'terminate'] as const) {
      const { directus, events, live, ended } = await listen();
      await live;
      directus.client()[how]();
      expect(await ended).toBeInstanceOf(Error);
      expect(events).toEqual(['live', 'end']);
    }
  });

  it('when nobody is there', async () => {
    const { promise, resolve } = Promise.withResolvers<Error>();
    const gone = await playDirectus();
    await gone.stop();
    const events = { onLive: () => undefined, onEvent: () => undefined, onEnd: resolve };
    subscribe({ url: gone.url, token: 'service', watched: watchedCollections(true), heartbeatMs: 10_000 }, events);
    expect((await promise).message).toMatch(/ECONNREFUSED/);
  });
});

describe('the gateway asks whether Directus is still there', () => {
  const intervalOnly = { doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'performance', 'Date', 'queueMicrotask', 'hrtime', 'clearImmediate'] } as const; // biome-ignore format: one list
  const listenWithClock = (script: Script) => {
    jest.useFakeTimers({ doNotFake: [...intervalOnly.doNotFake] });
    return listen(script);
  };

  it('and stays while it answers', async () => {
    const { directus, events, live } = await listenWithClock({});
    await live;
    for (let beat = 0; beat < 3; beat += 1) {
      const asked = directus.heard(directus.said.length + 1);
      jest.advanceTimersByTime(10_000);
      await asked;
      await arrival(directus);
    }
    expect(events).toEqual(['live']);
  });

  it('and ends at the second heartbeat without an answer', async () => {
    const { directus, events, live, ended } = await listenWithClock({ answersPings: false });
    await live;
    const asked = directus.heard(directus.said.length + 1);
    jest.advanceTimersByTime(10_000);
    await asked;
    expect(events).toEqual(['live']);
    jest.advanceTimersByTime(10_000);
    expect((await ended).message).toBe('Directus did not answer in time.');
  });

  it('and ends at the first while not everything is confirmed', async () => {
    const { directus, events, ended } = await listenWithClock({ confirms: false });
    await directus.heard(1 + all.length);
    jest.advanceTimersByTime(10_000);
    expect((await ended).message).toBe('Directus did not answer in time.');
    expect(events).toEqual(['end']);
  });
});

it('a gateway that stops hears of nothing more, its own leaving included', async () => {
  const { directus, subscription, events, live } = await listen();
  await live;
  const left = once(directus.client(), 'close');
  subscription.end();
  await left;
  await pause(20);
  expect(events).toEqual(['live']);
});
