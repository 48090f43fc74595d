import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from './listen.ts';

export const faults = ['killed', 'hung', 'slowed', 'corrupted', 'cut in mid-answer'] as const;
export type Fault = (typeof faults)[number];

export type FaultyRelay = {
  readonly port: number;
  /** @param only the connections that it befalls, by their first bytes; all when left out */
  fail(fault: Fault, only?: (first: string) => boolean): void;
  /** What hung goes on, as a process does that was stopped for a while. */
  mend(): void;
  stop(): Promise<void>;
};

/** A way to a server, on which it seems to fail. Killed: its connections are reset, and so is each new one at once. */
export async function startFaultyRelay(port: number): Promise<FaultyRelay> {
  const open = new Set<Socket>();
  const onChange = new Set<() => void>();
  let fault: Fault | undefined;
  let isMeant = (_first: string): boolean => true;

  const server = createServer((inward) => {
    const outward = connect(port, '127.0.0.1');
    let first = '';
    let answered = 0;
    const now = () => (fault !== undefined && (first !== '' || meantForAll) && isMeant(first) ? fault : undefined);
    const end = () => {
      inward.destroy();
      outward.destroy();
    };
    const heed = () => {
      const what = now();
      if (what === 'killed') inward.resetAndDestroy();
      for (const side of [inward, outward]) {
        if (what === 'hung') side.pause();
        else side.resume();
      }
    };
    inward.on('data', (chunk) => {
      if (first === '') first = chunk.toString('latin1');
      outward.write(chunk);
      answered = 0;
      heed();
    });
    const passOn = async (chunk: Buffer) => {
      if (now() === 'slowed') await sleep(slowMs);
      const what = now();
      answered += chunk.length;
      if (what === 'cut in mid-answer' && answered > cutAfter()) {
        inward.write(chunk.subarray(0, chunk.length / 2), end);
        return;
      }
      inward.write(what === 'corrupted' ? Buffer.alloc(chunk.length, '\x00{"\xff') : chunk);
    };
    let passed = Promise.resolve(); // in their order
    outward.on('data', (chunk) => {
      passed = passed.then(() => passOn(chunk));
    });
    outward.on('end', () => passed.then(end, end));
    inward.on('end', end);
    for (const side of [inward, outward]) {
      open.add(side);
      side.on('error', end);
      side.on('close', () => {
        open.delete(side);
        onChange.delete(heed);
        end();
      });
    }
    onChange.add(heed);
    heed();
  });
  let meantForAll = true;
  let cuts = 0;
  /** Somewhere else each time: within the head, at its end, in the body. */
  const cutAfter = () => {
    cuts += 1;
    return (cuts * 97) % 700;
  };
  const change = (next: Fault | undefined, only?: (first: string) => boolean) => {
    fault = next;
    meantForAll = only === undefined;
    isMeant = only ?? (() => true);
    for (const heed of onChange) heed();
  };
  const { port: own, stop } = await listen(server);
  return {
    port: own,
    fail: change,
    mend: () => change(undefined),
    stop: async () => {
      for (const socket of open) socket.destroy();
      await stop();
    },
  };
}

const slowMs = 30;
