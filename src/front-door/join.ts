import type { Socket } from 'node:net';
import type { Tunnel } from './open-tunnels.ts';

/**
 * Passes every byte between two sockets, at the pace of the slower one. When one side ends, the other is told and has a
 * moment to end too: nothing stays half open, and nothing is left behind when one breaks off.
 * Somebody listens to the errors of both already.
 */
export function join(caller: Socket, directus: Socket): Tunnel {
  let timer: NodeJS.Timeout | undefined;
  const cut = (): void => {
    clearTimeout(timer);
    caller.destroy();
    directus.destroy();
  };
  const wait = (): void => {
    timer ??= setTimeout(cut, lingerMs);
    if (caller.destroyed && directus.destroyed) clearTimeout(timer);
  };
  const end = (): void => {
    caller.destroySoon();
    directus.destroySoon();
    wait();
  };
  for (const [socket, other] of [
    [caller, directus],
    [directus, caller],
  ] as const) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs); // or a caller who has vanished would be kept for ever
    socket.once('end', wait);
    socket.once('close', () => {
      other.destroySoon();
      wait();
    });
    socket.pipe(other);
  }
  if (caller.destroyed || directus.destroyed) end();
  return { end, cut };
}

/** Between the end of one side and the end of the other. */
const lingerMs = 5_000;
const keepAliveMs = 60_000;
