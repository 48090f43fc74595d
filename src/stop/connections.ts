import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answersOwed } from '../http/answers-owed.ts';

/** The connections of callers, and what is under way on them. */
export type Connections = {
  /** From now on each answer ends its connection, and says so: those too that are under way and have not begun. */
  endEach(): void;
  /** When the last request came that was no probe, by `performance.now()`; -Infinity while there was none. */
  lastRequestAt(): number;
  /** How many there have been. */
  accepted(): number;
  /** Closes those on which nothing has been under way for so long, and nothing of a request has come. */
  closeIdle(forMs: number): void;
};

type Connection = {
  idleSince: number;
  bytesRead: number;
};

/**
 * Node closes what is idle at this very moment, also where an answer has just ended and the next request is on its
 * way. It cannot tell how long a connection has been idle; this can.
 */
export function followConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  let ending = false;
  let accepted = 0;
  let lastRequestAt = Number.NEGATIVE_INFINITY;

  server.on('connection', (socket) => {
    accepted += 1;
    connections.set(socket, { idleSince: performance.now(), bytesRead: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  const follow = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const connection = connections.get(socket);
    if (!probes.has(request.url)) lastRequestAt = performance.now();
    if (ending) response.shouldKeepAlive = false;
    if (connection === undefined) return;
    const rest = () => {
      connection.idleSince = performance.now();
      connection.bytesRead = socket.bytesRead;
    };
    request.on('close', rest); // after the answer, where the body was not wanted
    response.on('close', rest);
  };
  // First of all, as an answer may begin at once.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.prependListener(event, follow);
  // These are none of HTTP's any more, and end in ways of their own.
  for (const event of ['upgrade', 'connect']) {
    server.prependListener(event, ({ socket }: IncomingMessage) => connections.delete(socket));
  }

  return {
    endEach: () => {
      ending = true;
      for (const socket of connections.keys()) {
        for (const answer of answersOwed(socket)) if (!answer.headersSent) answer.shouldKeepAlive = false;
      }
    },
    lastRequestAt: () => lastRequestAt,
    accepted: () => accepted,
    closeIdle: (forMs) => {
      const now = performance.now();
      for (const [socket, { idleSince, bytesRead }] of connections) {
        if (answersOwed(socket).length === 0 && socket.bytesRead === bytesRead && now - idleSince >= forMs)
          socket.destroySoon();
      }
    },
  };
}

const probes: ReadonlySet<string | undefined> = new Set(['/server/health', '/server/ping']);
