import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type LoadKind = {
  readonly name: string;
  readonly token: string | (() => string);
  readonly method: 'GET' | 'POST';
  /** The path below which each request has a name of its own. */
  readonly path: string;
};

export type Outcome = {
  readonly kind: string;
  readonly name: string;
  /** By `performance.now()`. */
  readonly beganAt: number;
  /** The status of a whole answer; `broken` when the connection ended before its end, `stuck` when nothing did. */
  readonly end: number | 'broken' | 'stuck';
  readonly body: string;
};

export type MixedLoad = {
  /** How many requests have been sent. */
  sent(): number;
  stop(): Promise<void>;
};

/** Callers that ask one request after the other, each under a name of its own, and tell how each has ended. */
export function startMixedLoad(
  url: string,
  kinds: readonly LoadKind[],
  onEnd: (outcome: Outcome) => void,
  pauseMs = 10,
): MixedLoad {
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  let stopping = false;
  const run = async (kind: LoadKind) => {
    while (!stopping) {
      count += 1;
      const name = `${kind.name}-${count}`;
      onEnd(await once(kind, name));
      await sleep(pauseMs);
    }
  };
  const once = ({ name: kind, token, method, path }: LoadKind, name: string): Promise<Outcome> => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const beganAt = performance.now();
    let body = '';
    const end = (how: Outcome['end']) => resolve({ kind, name, beganAt, end: how, body });
    const headers = { Authorization: `Bearer ${typeof token === 'string' ? token : token()}` };
    const outgoing = request(`${url}${path}/${name}`, {
      method,
      agent,
      headers: { ...headers, ...(method === 'POST' && { 'Content-Type': 'application/x-www-form-urlencoded' }) },
    });
    const timer = setTimeout(() => {
      end('stuck');
      outgoing.destroy();
    }, stuckMs);
    outgoing.on('error', () => end('broken'));
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.on('response', (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (text) => {
        body += text;
      });
      answer.on('error', () => end('broken'));
      answer.on('close', () => end(answer.complete ? (answer.statusCode ?? 0) : 'broken'));
    });
    outgoing.end(method === 'POST' ? `name=${name}` : undefined);
    return promise;
  };
  const ended = Promise.all(kinds.map(run));
  return {
    sent: () => count,
    stop: async () => {
      stopping = true;
      await ended;
      agent.destroy();
    },
  };
}

const stuckMs = 8_000;
