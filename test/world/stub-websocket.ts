import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { listen } from './listen.ts';
import { until } from './until.ts';

/** What a test makes of one offer to change the protocol. Whatever it returns is of no interest. */
export type Take = (request: IncomingMessage, socket: Socket, head: Buffer) => unknown;

export type StubWebSocket = {
  readonly origin: string;
  /** Every offer to change the protocol, from the moment its head has arrived. */
  readonly offers: readonly IncomingMessage[];
  /** Paths of the requests that were ordinary ones. */
  readonly plain: readonly string[];
  /** Connections on which such an offer was made, while they are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Resolves when this many offers have come. */
  offered(count: number): Promise<void>;
  /** Resolves when so many of these connections are open. */
  connections(count: number): Promise<void>;
  /** How the next offers are taken; by default, with a WebSocket that sends everything back. */
  takeWith(take: Take): void;
  /** Takes an offer as a WebSocket. */
  accept(request: IncomingMessage, socket: Socket, head: Buffer, opened: (socket: WebSocket) => void): void;
  reset(): void;
  stop(): Promise<void>;
};

/** The side of Directus of a tunnel. */
export async function startStubWebSocket(): Promise<StubWebSocket> {
  const sockets = new Set<Socket>();
  const offers: IncomingMessage[] = [];
  const plain: string[] = [];
  const happened = until();
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 0 });
  const accept: StubWebSocket['accept'] = (request, socket, head, opened) =>
    webSockets.handleUpgrade(request, socket, head, opened);
  const echo: Take = (request, socket, head) =>
    accept(request, socket, head, (open) => {
      open.on('error', () => undefined);
      open.on('message', (data, isBinary) => open.send(data, { binary: isBinary }));
    });
  let take = echo;
  const server = createServer((request, response) => {
    plain.push(request.url ?? '');
    response.end('plain');
  });
  server.on('upgrade', (request, _socket, head) => {
    const { socket } = request;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      sockets.delete(socket);
      happened.check();
    });
    offers.push(request);
    happened.check();
    take(request, socket, head);
  });
  const { origin, stop } = await listen(server);
  return {
    origin,
    offers,
    plain,
    sockets,
    offered: (count) => happened.holds(() => offers.length >= count),
    connections: (count) => happened.holds(() => sockets.size === count),
    takeWith: (next) => {
      take = next;
    },
    accept,
    reset: () => {
      for (const socket of sockets) socket.destroy();
      offers.length = 0;
      plain.length = 0;
      take = echo;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await stop();
    },
  };
}
