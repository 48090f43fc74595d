import { type Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { RecordingUpstream } from './recording-upstream.ts';
import { as } from './use-world.ts';

export type Held = {
  /** Names of the requests, each of which is sent once. */
  readonly sent: readonly string[];
  /** What became of those that were not answered as they should have been. */
  readonly lost: readonly string[];
};

export type Load = {
  readonly held: Held;
  /** Ends when what is under way has ended. */
  stop(): Promise<Held>;
};

type Caller = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** `false`: a connection for each request. */
  readonly agent: Agent | false;
};

/**
 * Callers that ask one request after the other, each for `<path>/<name of the request>`. An answer must be a 200 whose
 * body is whole, which ends with that name.
 */
export function startLoad(url: string, token: string, callers: readonly Caller[]): Load {
  const sent: string[] = [];
  const lost: string[] = [];
  let stopping = false;

  const once = async (name: string, { method, path, agent }: Caller) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const outgoing = request(`${url}${path}/${name}`, { method, agent, headers: as(token) });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      text(answer).then((body) => {
        if (answer.statusCode === 200 && body.endsWith(`"${name}"}`)) resolve();
        else reject(new Error(`${answer.statusCode} ${body}`));
      }, reject);
    });
    outgoing.end();
    await promise;
  };
  const run = async (caller: Caller, number: number) => {
    for (let count = 0; !stopping; count += 1) {
      const name = `${caller.method}-${number}-${count}`;
      sent.push(name);
      await once(name, caller).catch((error: unknown) => lost.push(`${name}: ${error}`));
      await sleep(pauseMs);
    }
  };
  const ended = Promise.all(callers.map(run));
  const held = { sent, lost };
  return {
    held,
    stop: async () => {
      stopping = true;
      await ended;
      return held;
    },
  };
}

const pauseMs = 20;

/** What has to hold of a load, whatever was restarted under it. */
export function expectNothingLostOrTwice({ sent, lost }: Held, upstream: RecordingUpstream): void {
  const seen = upstream.seen.map(({ method, target }) => `${method} ${target}`);
  const posts = seen.filter((line) => line.startsWith('POST'));
  expect(lost).toEqual([]);
  expect(posts).toHaveLength(new Set(posts).size);
  expect(posts).toHaveLength(sent.filter((name) => name.startsWith('POST')).length);
}
