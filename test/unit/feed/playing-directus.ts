import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Said = {
  readonly type: string;
  readonly uid?: string;
  readonly collection?: string;
  readonly access_token?: string;
  readonly query?: object;
};

export type PlayedDirectus = {
  readonly url: string;
  /** What clients have said, of all connections. */
  readonly said: Said[];
  readonly connections: () => number;
  /** Says something to the newest client. */
  readonly say: (message: object | string) => void;
  readonly confirm: (...collections: string[]) => void;
  readonly client: () => WebSocket;
  /** Resolves when the clients have said so many things. */
  readonly heard: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type Script = { readonly answersPings?: boolean; readonly authenticates?: boolean; readonly confirms?: boolean };

/** Directus' WebSocket as far as the feed knows it. It answers pings that are messages, and no others (11.17.4). */
export async function playDirectus(script: Script = {}): Promise<PlayedDirectus> {
  const { answersPings = true, authenticates = true, confirms = true } = script;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/websocket', autoPong: false });
  await once(server, 'listening');
  const clients: WebSocket[] = [];
  const said: Said[] = [];

  const client = (): WebSocket => {
    const newest = clients.at(-1);
    if (newest === undefined) throw new Error('Nobody has connected yet.');
    return newest;
  };
  const say = (message: object | string) =>
    client().send(typeof message === 'string' ? message : JSON.stringify(message));
  const confirm = (...collections: string[]) => {
    for (const uid of collections) say({ type: 'subscription', event: 'init', uid, data: [] });
  };

  server.on('connection', (socket) => {
    clients.push(socket);
    socket.on('message', (data) => {
      const message: Said = JSON.parse(String(data));
      said.push(message);
      if (message.type === 'ping' && answersPings) say({ type: 'pong' });
      if (message.type === 'auth' && authenticates) say({ type: 'auth', status: 'ok' });
      if (message.type === 'subscribe' && confirms) confirm(message.uid ?? '');
      server.emit('said');
    });
  });

  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    said,
    connections: () => clients.length,
    say,
    confirm,
    client,
    heard: async (count) => {
      while (said.length < count) await once(server, 'said');
    },
    stop: async () => {
      for (const socket of clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function portOf(server: WebSocketServer): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}
