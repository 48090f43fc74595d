import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Concerned, concernedBy, mostNamed } from './concerned.ts';
import type { Watched } from './watched.ts';

export type SubscriptionParts = {
  /** Base address of Directus. */
  readonly url: string;
  readonly token: string;
  readonly watched: readonly Watched[];
  /** Milliseconds between two pings; until the next one Directus must have said something. */
  readonly heartbeatMs: number;
};

export type SubscriptionEvents = {
  /** Every collection is confirmed. */
  readonly onLive: () => void;
  readonly onEvent: (concerned: Concerned) => void;
  /** Called once; not after `end()`. */
  readonly onEnd: (error: Error) => void;
};

export type Subscription = { end(): void };

/**
 * One connection to Directus' WebSocket, subscribed to whatever decides what a caller may do. At the first doubt (a
 * refusal, a message that is not understood, a heartbeat without an answer) it ends itself.
 */
export function subscribe(
  { url, token, watched, heartbeatMs }: SubscriptionParts,
  events: SubscriptionEvents,
): Subscription {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/websocket`, { handshakeTimeout: handshakeTimeoutMs });
  const unconfirmed = new Set<string>(watched.map(({ collection }) => collection));
  let failure = new Error('Directus closed the connection.');
  let heard = true;

  const fail = (message: string): void => {
    failure = new Error(message);
    socket.terminate();
  };

  const heartbeat = setInterval(() => {
    if (!heard || unconfirmed.size > 0) return fail('Directus did not answer in time.');
    heard = false;
    socket.send('{"type":"ping"}'); // a message: Directus answers no ping of the protocol (11.17.4)
  }, heartbeatMs);

  const handleSubscription = ({ event, uid, data }: Message): void => {
    if (event !== 'init') events.onEvent(concernedBy(uid, data));
    else if (unconfirmed.delete(uid ?? '') && unconfirmed.size === 0) events.onLive();
  };

  const handle = (message: Message): void => {
    if (message.status === 'error') fail(`Directus refused ${message.uid ?? message.type}: ${message.error?.code}.`);
    else if (message.type === 'ping') socket.send('{"type":"pong"}');
    else if (message.type === 'auth') sendSubscriptions(socket, watched);
    else if (message.type === 'subscription') handleSubscription(message);
  };

  socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', access_token: token })));
  socket.on('message', (data) => {
    heard = true;
    const message = parse(String(data));
    if (message === undefined) fail('Directus sent something that is not understood.');
    else handle(message);
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    clearInterval(heartbeat);
    events.onEnd(failure);
  });

  return {
    end: () => {
      clearInterval(heartbeat);
      socket.removeAllListeners('close');
      socket.terminate();
    },
  };
}

const sendSubscriptions = (socket: WebSocket, watched: readonly Watched[]): void => {
  for (const { collection, ...filter } of watched) {
    const query = { fields: ['id'], limit: mostNamed, ...filter };
    socket.send(JSON.stringify({ type: 'subscribe', collection, uid: collection, query }));
  }
};

const messageSchema = z.object({
  type: z.string(),
  status: z.string().optional(),
  event: z.string().optional(),
  uid: z.string().optional(),
  data: z.unknown().optional(),
  error: z.object({ code: z.string() }).optional(),
});
type Message = z.output<typeof messageSchema>;

function parse(text: string): Message | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const handshakeTimeoutMs = 10_000;
