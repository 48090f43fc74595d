import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from './listen.ts';
import { readSpans, type ToldSpan } from './otlp.ts';
import { until } from './until.ts';

/** A stand-in for an OpenTelemetry collector. */
export type Collector = {
  readonly origin: string;
  readonly posts: readonly { readonly path: string | undefined; readonly headers: IncomingHttpHeaders }[];
  spans(): readonly ToldSpan[];
  /** Every byte of all bodies, as text. */
  received(): string;
  /** How it answers what comes from now on. */
  answerWith(answer: (request: IncomingMessage, response: ServerResponse) => unknown): void;
  /** Resolves when it has so many requests, or spans that are as wanted. */
  posted(count: number): Promise<void>;
  told(isWanted: (spans: readonly ToldSpan[]) => boolean): Promise<void>;
  stop(): Promise<void>;
};

/** Takes everything. */
const take = (_request: IncomingMessage, response: ServerResponse): unknown =>
  response.setHeader('Content-Type', 'application/x-protobuf').end();

export async function startCollector(): Promise<Collector> {
  const posts: { path: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const bodies: Buffer[] = [];
  const arrivals = until();
  let answer = take;
  const spans = () => bodies.flatMap(readSpans);
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        posts.push({ path: request.url, headers: request.headers });
        bodies.push(body);
        arrivals.check();
        answer(request, response);
      },
      () => response.destroy(),
    );
  });
  const { origin, stop } = await listen(server);
  return {
    origin,
    posts,
    spans,
    received: () => Buffer.concat(bodies).toString('latin1'),
    answerWith: (next) => {
      answer = next;
    },
    posted: (count) => arrivals.holds(() => posts.length >= count),
    told: (isWanted) => arrivals.holds(() => isWanted(spans())),
    stop,
  };
}
