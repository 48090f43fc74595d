import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/**
 * As many connections as there are requests: a limit would make the next one wait for ever behind open streams. It keeps the
 * TLS sessions of its origin, so that only its first connection takes a full handshake.
 */
export const keepAliveAgent = (origin: string): HttpAgent => {
  const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 256 };
  return origin.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
};

/** Lets connections that nobody uses go, and keeps no further ones. */
export function closeIdle(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
