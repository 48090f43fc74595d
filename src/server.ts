import { createServer, type Server } from 'node:http';
import type { Express } from 'express';

/**
 * The HTTP server in front of the app. It leaves two things to the app that Node would do by itself: a client that waits
 * for `100 Continue` is refused before it has sent its body, and CONNECT gets an answer.
 */
export function createGatewayServer(app: Express): Server {
  const server = createServer(app);
  server.on('checkContinue', app);
  server.on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  return server;
}

/**
 * Takes no new requests and lets those under way end, then cuts what is left.
 * @param timeoutMs SERVER_SHUTDOWN_TIMEOUT
 */
export async function stopServer(server: Server, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await promise;
  clearTimeout(cut);
}
