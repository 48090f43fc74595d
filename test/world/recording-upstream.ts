import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';

/** One request as the upstream saw it. */
export type Seen = {
  readonly method: string;
  readonly target: string;
  /** As on the wire: name, value, name, value, … */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export type RecordingUpstream = {
  readonly origin: string;
  readonly seen: readonly Seen[];
  /** How the next requests are answered; by default 200 with `{"ok":true}`. */
  answerWith(answer: Answer): void;
  reset(): void;
  stop(): Promise<void>;
};

const ok: Answer = (_request, response) => {
  response.setHeader('Content-Type', 'application/json').end('{"ok":true}');
};

/** An API that keeps everything it is sent. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const seen: Seen[] = [];
  let answer = ok;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url: target = '', rawHeaders, headers } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      seen.push({ method, target, rawHeaders, headers, body });
      answer(request, response, body);
    });
  });
  const { origin, stop } = await listen(server);
  return {
    origin,
    seen,
    answerWith: (next) => {
      answer = next;
    },
    reset: () => {
      seen.length = 0;
      answer = ok;
    },
    stop,
  };
}
