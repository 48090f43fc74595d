import { Agent, request } from 'node:http';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { remembersFirmly } from '../world/gateway-state.ts';
import { logIn, logOut } from '../world/log-in.ts';
import { type Access, newUser, suspend } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import type { RunningGateway } from '../world/start-gateway.ts';

/** A caller who gets through, and what an administrator (or they themselves) do in Directus to end that. */
export type Revocable = { readonly headers: Record<string, string>; readonly revoke: () => Promise<unknown> };

export type Revocation = { readonly what: string; readonly prepare: (directus: Access) => Promise<Revocable> };

/** Every way in which a caller loses what they may do. */
export const revocations: Revocation[] = [
  {
    what: 'whose permission was removed',
    prepare: async (directus) => {
      const policy = await newPolicy(directus);
      const { token } = await newUser(directus, { policies: [{ policy }] });
      const query = { filter: { policy: { _eq: policy } } };
      return { headers: as(token), revoke: () => callDirectus(directus, 'DELETE', '/permissions', { query }) };
    },
  },
  {
    what: 'whose policy was detached',
    prepare: async (directus) => {
      const { id, token } = await newUser(directus, { policies: [{ policy: await newPolicy(directus) }] });
      const query = { filter: { user: { _eq: id } } };
      return { headers: as(token), revoke: () => callDirectus(directus, 'DELETE', '/access', { query }) };
    },
  },
  {
    what: 'with a static token whose account was suspended',
    prepare: async (directus) => {
      const user = await newUser(directus, { role: await newRole(directus) });
      return { headers: as(user.token), revoke: () => suspend(directus, user) };
    },
  },
  {
    what: 'with a plain JWT whose account was suspended',
    prepare: async (directus) => {
      const { user, headers } = await newPlainLogin(directus);
      return { headers, revoke: () => suspend(directus, user) };
    },
  },
  {
    what: 'whose static token was changed',
    prepare: async (directus) => {
      const { id, token } = await newUser(directus, { role: await newRole(directus) });
      return {
        headers: as(token),
        revoke: () => callDirectus(directus, 'PATCH', `/users/${id}`, { token: `${token}-new` }),
      };
    },
  },
  {
    what: 'with a static token whose role was changed',
    prepare: async (directus) => {
      const { id, token } = await newUser(directus, { role: await newRole(directus) });
      return { headers: as(token), revoke: () => callDirectus(directus, 'PATCH', `/users/${id}`, { role: null }) };
    },
  },
  {
    what: 'with a plain JWT whose role was changed',
    prepare: async (directus) => {
      const { user, headers } = await newPlainLogin(directus);
      return { headers, revoke: () => callDirectus(directus, 'PATCH', `/users/${user.id}`, { role: null }) };
    },
  },
  {
    what: 'with a plain JWT whose account was deleted',
    prepare: async (directus) => {
      const { user, headers } = await newPlainLogin(directus);
      return { headers, revoke: () => callDirectus(directus, 'DELETE', `/users/${user.id}`) };
    },
  },
  {
    what: 'who has logged out of their session',
    prepare: async (directus) => {
      const user = await newUser(directus, { role: await newRole(directus), password });
      const login = await logIn(directus.url, { ...user, password }, 'session');
      return { headers: { Cookie: login.cookie }, revoke: () => logOut(directus.url, login, 'session') };
    },
  },
];

/** Not from use-world.ts, which runs in Jest only. */
const as = (token: string) => ({ Authorization: `Bearer ${token}` });

const password = 'a password of no account but in a test';
const access = { name: 'may read', admin_access: false, app_access: false };

async function newPolicy(directus: Access): Promise<string> {
  const policy = await createInDirectus(directus, '/policies', access);
  const mayRead = { policy, collection: 'customers', action: 'read', fields: ['*'], permissions: {} };
  await callDirectus(directus, 'POST', '/permissions', mayRead);
  return policy;
}

const newRole = async (directus: Access): Promise<string> =>
  createInDirectus(directus, '/roles', { name: 'reads', policies: [{ policy: await newPolicy(directus) }] });

async function newPlainLogin(directus: Access) {
  const user = await newUser(directus, { role: await newRole(directus), password });
  const { accessToken = '' } = await logIn(directus.url, { ...user, password }, 'json');
  return { user, headers: as(accessToken) };
}

/** One request of the load: when it began and ended, and the status it got. */
export type Attempt = { readonly beganAt: number; readonly endedAt: number; readonly status: number };

export type Outcome = {
  /** Milliseconds from the answer of the change in Directus to the first refusal of the gateway; 0 if it came before. */
  readonly ms: number;
  /** What was asked from one second after that answer on. */
  readonly after: readonly Attempt[];
};

/**
 * Keeps asking as the caller, without a pause and several times at once, while the change is made.
 * @param settle whether to go on for more than a second after the change
 */
export async function timeRevocation(
  gateway: RunningGateway,
  { headers, revoke }: Revocable,
  settle: boolean,
): Promise<Outcome> {
  await remembersFirmly(gateway, headers);
  const load = startLoad(gateway, headers);
  try {
    await poll('callers get through under load', () => load.attempts.length >= 50);
    const early = load.attempts.find(({ status }) => status !== 200);
    if (early !== undefined)
      throw new Error(`The caller was refused with ${early.status} before anything was changed.`);
    await revoke();
    const changedAt = performance.now();
    await poll('the gateway refuses', () => load.attempts.some(isRefusal));
    const afterAt = changedAt + 1_000;
    if (settle) await poll('a while passes', () => load.attempts.some(({ beganAt }) => beganAt > afterAt + 200));
    const firstRefusal = load.attempts.find(isRefusal)?.endedAt ?? Number.POSITIVE_INFINITY;
    return {
      ms: Math.max(0, firstRefusal - changedAt),
      after: load.attempts.filter(({ beganAt }) => beganAt > afterAt),
    };
  } finally {
    await load.stop();
  }
}

export const isRefusal = ({ status }: Attempt): boolean => status === 401 || status === 403;

const callersAtOnce = 4;

function startLoad({ port }: RunningGateway, headers: Record<string, string>) {
  const agent = new Agent({ keepAlive: true, maxSockets: callersAtOnce });
  const attempts: Attempt[] = [];
  let stopped = false;
  const ask = async (): Promise<void> => {
    while (!stopped) {
      const beganAt = performance.now();
      const status = await statusOf(port, headers, agent);
      attempts.push({ beganAt, endedAt: performance.now(), status });
    }
  };
  const asking = Promise.all(Array.from({ length: callersAtOnce }, ask));
  return {
    attempts,
    stop: async () => {
      stopped = true;
      await asking;
      agent.destroy();
    },
  };
}

const statusOf = (port: number, headers: Record<string, string>, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/stripe/v1/customers', headers, agent };
    const sent = request(options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject).end();
  });
