import { connect, createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

export type Relay = {
  readonly url: string;
  /** How often each path was asked since the last reset, `GET /permissions/me` for instance. */
  asked(question: string): number;
  /** How often anything was asked. */
  total(): number;
  reset(): void;
  /** Ends what runs over WebSocket and takes no more of it; everything else goes on. */
  cutFeed(): void;
  mendFeed(): void;
  stop(): Promise<void>;
};

/** Passes every byte on to Directus and back, a WebSocket's too, and counts the questions on their way. */
export async function startRelay(url: string): Promise<Relay> {
  const { hostname, port } = new URL(url);
  const counts = new Map<string, number>();
  const feeds = new Set<Socket>();
  const open = new Set<Socket>();
  let isCut = false;
  const count = (chunk: Buffer): void => {
    for (const [, question = ''] of chunk.toString('latin1').matchAll(questionForm)) {
      counts.set(question, (counts.get(question) ?? 0) + 1);
    }
  };
  const server = createServer((inward) => {
    const outward = connect(Number(port), hostname);
    open.add(inward);
    inward.once('data', (first) => {
      if (!first.toString('latin1').startsWith('GET /websocket')) return;
      feeds.add(inward);
      if (isCut) inward.destroy();
    });
    inward.on('data', count);
    inward.on('error', () => outward.destroy());
    inward.on('close', () => {
      feeds.delete(inward);
      open.delete(inward);
      outward.destroy();
    });
    outward.on('error', () => inward.destroy());
    outward.on('close', () => inward.destroy());
    inward.pipe(outward).pipe(inward);
  });
  const { origin, stop } = await listen(server);
  return {
    url: origin,
    asked: (question) => counts.get(question) ?? 0,
    total: () => [...counts.values()].reduce((sum, each) => sum + each, 0),
    reset: () => counts.clear(),
    cutFeed: () => {
      isCut = true;
      for (const feed of feeds) feed.destroy();
    },
    mendFeed: () => {
      isCut = false;
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await stop();
    },
  };
}

/** The first line of a request, without its query. */
const questionForm = /^([A-Z]+ \/[^ ?]*)\S* HTTP\/1\.1\r$/gm;
