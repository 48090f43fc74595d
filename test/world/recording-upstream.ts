import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { until } from './until.ts';
import { type Wire, wiretap } from './wiretap.ts';

/** One request as the upstream saw it, from the moment its head has arrived. */
export type Seen = {
  readonly method: string;
  readonly target: string;
  /** As on the wire: name, value, name, value, … */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  /** As far as it has come. */
  readonly body: string;
  readonly bytes: Buffer;
};

/** Whatever it returns is of no interest. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

export type RecordingUpstream = {
  readonly origin: string;
  readonly seen: readonly Seen[];
  readonly wire: Wire;
  /** How the next requests are answered once they are complete; by default 200 with `{"ok":true}`. */
  answerWith(answer: Answer): void;
  /** Answers the next requests as soon as their head is there; their body is left to the answer. */
  answerHeadWith(answer: (request: IncomingMessage, response: ServerResponse) => unknown): void;
  /** Resolves when this many requests have arrived. */
  arrived(count: number): Promise<void>;
  reset(): void;
  stop(): Promise<void>;
};

const ok: Answer = (_request, response) => {
  response.setHeader('Content-Type', 'application/json').end('{"ok":true}');
};

/** An API that keeps everything it is sent. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const seen: Seen[] = [];
  const arrivals = until();
  let answer = ok;
  let answerHead: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const { method = '', url: target = '', rawHeaders, headers } = request;
    seen.push({
      method,
      target,
      rawHeaders,
      headers,
      get bytes() {
        return Buffer.concat(chunks);
      },
      get body() {
        return Buffer.concat(chunks).toString('utf8');
      },
    });
    arrivals.check();
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (answerHead !== undefined) {
      answerHead(request, response);
      return;
    }
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  server.keepAliveTimeout = 60_000; // no connection ends by itself in the middle of a test
  const wire = wiretap(server);
  const { origin, stop } = await listen(server);
  return {
    origin,
    seen,
    wire,
    answerWith: (next) => {
      answer = next;
    },
    answerHeadWith: (next) => {
      answerHead = next;
    },
    arrived: (count) => arrivals.holds(() => seen.length >= count),
    reset: () => {
      seen.length = 0;
      wire.clear();
      answer = ok;
      answerHead = undefined;
    },
    stop,
  };
}
