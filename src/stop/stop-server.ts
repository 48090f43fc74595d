import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';

export type StopSettings = {
  /** SERVER_SHUTDOWN_TIMEOUT: from now until whatever is left is cut. */
  readonly timeoutMs: number;
  /** Whether to go on answering until load balancers have noticed. Somebody at a terminal does not wait for that. */
  readonly drain: boolean;
};

/**
 * Answers what still comes for a moment, then takes no new connections, lets requests under way end, and cuts what is
 * left. Resolves when no connection is left. The shares of the time have their reasons in docs/decisions/0012-stopping.md.
 */
export async function stopServer(
  server: Server,
  connections: Connections,
  { timeoutMs, drain }: StopSettings,
): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  connections.endEach();
  if (drain) {
    await quiet(connections, { forMs: timeoutMs / 4, withinMs: timeoutMs / 2 });
    await allAccepted(connections);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  NetServer.prototype.close.call(server, () => resolve()); // that of HTTP also closes connections that a request is on its way on
  const idleMs = drain ? timeoutMs / 8 : 0;
  connections.closeIdle(idleMs);
  const sweep = setInterval(() => connections.closeIdle(idleMs), sweepMs);
  await promise;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Resolves when no request has come for a while, probes apart. */
async function quiet(
  connections: Connections,
  { forMs, withinMs }: { readonly forMs: number; readonly withinMs: number },
): Promise<void> {
  const began = performance.now();
  const isQuiet = (now: number) => now - Math.max(began, connections.lastRequestAt()) >= forMs;
  for (let now = began; !isQuiet(now) && now - began < withinMs; now = performance.now()) await sleep(sweepMs);
}

/**
 * Resolves right after the system had no connection waiting: one that nobody has accepted when the listener closes is
 * reset, and its request is lost. Node accepts one in each turn of its loop (libuv/libuv#3696), so that a turn without
 * any, and with little else to do, is what to wait for.
 */
async function allAccepted(connections: Connections): Promise<void> {
  const began = performance.now();
  for (let isOver = false; !isOver; ) {
    const [turn, before] = [performance.now(), connections.accepted()];
    await nextTurn();
    const now = performance.now();
    isOver = (connections.accepted() === before && now - turn < quickTurnMs) || now - began > acceptMs;
  }
}

const quickTurnMs = 0.2;
const acceptMs = 100;
const sweepMs = 50;
