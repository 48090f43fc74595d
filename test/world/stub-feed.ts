import { once } from 'node:events';
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { until } from './until.ts';

/** Directus' WebSocket, as far as somebody listens to changes there. */
export type StubFeed = {
  /** The collections that the newest listener is subscribed to, with what they asked for. */
  readonly subscribed: ReadonlyMap<string, unknown>;
  /** Tokens by which listeners have tried to come in. */
  readonly tokens: readonly string[];
  /** Resolves when somebody listens to at least this many collections. */
  listening(collections: number): Promise<void>;
  /** Tells the listener of a change, of something that is not understood where it is not said. Resolves when they have taken notice of it. */
  tell(collection: string, data?: readonly unknown[]): Promise<void>;
  /** Says something to the listener as it is. */
  say(text: string): void;
  /** Ends the connection; whoever comes from now on is sent away or let in again. */
  cut(options: { letIn: boolean }): void;
  /** Whoever comes from now on is sent away. */
  close(): void;
  letIn(): void;
};

const message = z.object({
  type: z.string(),
  access_token: z.string().optional(),
  collection: z.string().optional(),
  uid: z.string().optional(),
  query: z.unknown().optional(),
});

export function startStubFeed(server: Server, isKnown: (token: string) => boolean): StubFeed {
  const sockets = new WebSocketServer({ noServer: true, autoPong: false });
  const subscribed = new Map<string, unknown>();
  const tokens: string[] = [];
  const happened = until();
  let open = true;
  let newest: WebSocket | undefined;

  const answer = (socket: WebSocket, text: string): void => {
    const { type, access_token: token = '', collection = '', uid, query } = message.parse(JSON.parse(text));
    if (type === 'auth') {
      tokens.push(token);
      if (isKnown(token)) socket.send('{"type":"auth","status":"ok"}');
      else socket.send('{"type":"auth","status":"error","error":{"code":"INVALID_CREDENTIALS","message":"No."}}');
    } else if (type === 'subscribe') {
      subscribed.set(collection, query);
      socket.send(JSON.stringify({ type: 'subscription', event: 'init', uid, data: [] }));
      happened.check();
    } else if (type === 'ping') socket.send('{"type":"pong"}');
  };

  server.on('upgrade', (request, socket, head) => {
    if (!open || request.url !== '/websocket') {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (listener) => {
      subscribed.clear();
      newest = listener;
      listener.on('message', (data) => answer(listener, String(data)));
    });
  });
  server.on('close', () => sockets.close());

  const listener = (): WebSocket => {
    if (newest === undefined) throw new Error('Nobody listens.');
    return newest;
  };
  return {
    subscribed,
    tokens,
    listening: (collections) => happened.holds(() => subscribed.size >= collections),
    tell: async (collection, data = [{ id: 1 }]) => {
      const socket = listener();
      const noticed = once(socket, 'pong'); // frames are taken in their order
      socket.send(JSON.stringify({ type: 'subscription', event: 'update', uid: collection, data }));
      socket.ping();
      await noticed;
    },
    say: (text) => listener().send(text),
    cut: ({ letIn }) => {
      open = letIn;
      subscribed.clear();
      listener().terminate();
    },
    close: () => {
      open = false;
    },
    letIn: () => {
      open = true;
    },
  };
}
