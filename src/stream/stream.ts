import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { sendAnswer } from './send-answer.ts';

/** @param onAnswer called when the upstream's answer begins */
export type Stream = (
  outgoing: Outgoing,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: () => void,
) => Promise<void>;

/** One request on its way to the upstream. */
type Exchange = {
  readonly outgoing: Outgoing;
  readonly onAnswer: () => void;
  /** Ends the exchange with an error that the caller can still be told. */
  readonly refuse: (error: GatewayError) => void;
  readonly timer: NodeJS.Timeout;
  proxyRequest: ClientRequest | undefined;
  answer: IncomingMessage | undefined;
};

/**
 * Streams prepared requests to one upstream. The one place that knows http-proxy-middleware, and only as the mover of
 * bytes: what is sent was decided before, and what is answered is decided here (docs/decisions/0002).
 *
 * Rejects with a GatewayError while no byte has been answered. Once the answer has begun, a failure breaks the
 * client's connection, so that a cut-off answer never looks complete.
 */
export function streamTo(upstream: Upstream): { readonly stream: Stream; readonly close: () => void } {
  const origins = new Set([upstream.origin, ...upstream.hosts.values()]);
  const agents = new Map([...origins].map((origin) => [origin, keepAliveAgent(origin)]));
  const streams = new Map([...agents].map(([origin, agent]) => [origin, streamToOrigin(origin, agent, upstream)]));
  return {
    stream: async (outgoing, ...rest) => {
      const stream = streams.get(outgoing.origin);
      if (stream === undefined) throw new Error('A request was prepared for an origin that is none of the upstream.');
      await stream(outgoing, ...rest);
    },
    close: () => agents.forEach(closeIdle),
  };
}

function streamToOrigin(origin: string, agent: HttpAgent, upstream: Upstream): Stream {
  const { firstByteMs, requestBodyBytes } = upstream.limits;
  const exchanges = new WeakMap<IncomingMessage, Exchange>();

  const proxy = createProxyMiddleware({
    target: origin,
    agent,
    selfHandleResponse: true,
    ejectPlugins: true, // the default ones write error texts into answers
    plugins: [
      (proxyServer) => {
        proxyServer.on('proxyReq', (proxyRequest, request, response) => {
          const exchange = exchanges.get(request);
          proxyRequest.on('error', () => breakOff(response, exchange));
          send(proxyRequest, exchange);
        });
        proxyServer.on('proxyRes', (answer, request, response) =>
          passOn(answer, response, exchanges.get(request), upstream),
        );
      },
    ],
  });

  return (outgoing, request, response, onAnswer) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      if (isWaitingForCaller(exchange.proxyRequest)) timer.refresh();
      else {
        reject(new GatewayError('UPSTREAM_TIMEOUT'));
        exchange.proxyRequest?.destroy();
      }
    }, firstByteMs);
    const exchange: Exchange = {
      outgoing,
      onAnswer,
      refuse: reject,
      timer,
      proxyRequest: undefined,
      answer: undefined,
    };
    exchanges.set(request, exchange);
    if (requestBodyBytes !== undefined && outgoing.body === undefined) {
      limitBody(request, requestBodyBytes, () => {
        reject(new GatewayError('CONTENT_TOO_LARGE'));
        exchange.proxyRequest?.destroy();
      });
    }
    request.url = outgoing.target;
    request.headers = outgoing.headers;
    proxy(request, response)
      .then(resolve, (cause) => {
        breakOff(response, exchange);
        reject(new GatewayError('UPSTREAM_UNREACHABLE', { cause }));
      })
      .finally(() => clearTimeout(timer));
    return promise;
  };
}

/** Counts a body that streams; what has been sent of one that is too large is no whole request. */
function limitBody(request: IncomingMessage, maxBytes: number, refuse: () => void): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) refuse();
  });
  request.pause(); // until it is piped
}

/** As many connections as there are requests: a limit would make the next one wait for ever behind open streams. */
const keepAliveAgent = (origin: string): HttpAgent => {
  const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 256 };
  return origin.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
};

function closeIdle(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

function send(proxyRequest: ClientRequest, exchange: Exchange | undefined): void {
  if (exchange === undefined) return;
  const { timer, refuse, outgoing } = exchange;
  exchange.proxyRequest = proxyRequest;
  proxyRequest.once('finish', () => timer.refresh());
  proxyRequest.once('upgrade', (_answer, socket) => {
    socket.destroy();
    refuse(new GatewayError('UPSTREAM_UNREACHABLE', { logReason: 'unasked_upgrade' }));
  });
  if (outgoing.body !== undefined) proxyRequest.end(outgoing.body);
}

/** Whether the upstream takes all that comes, and it is the caller who has not sent everything. */
const isWaitingForCaller = (proxyRequest: ClientRequest | undefined): boolean =>
  proxyRequest?.socket?.connecting === false && !proxyRequest.writableEnded && !proxyRequest.writableNeedDrain;

/** At once: a moment later the answer may have come to what looks like its end. */
function breakOff(response: ServerResponse, exchange: Exchange | undefined): void {
  if (!response.headersSent) return;
  exchange?.answer?.unpipe(response);
  response.destroy();
}

/** Statuses by which the upstream speaks of the gateway's credential: it never learns of the caller's. */
const aboutTheCredential: ReadonlySet<number | undefined> = new Set([401, 403, 407]);

/** Must not throw: http-proxy-middleware would let the process end. */
function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange | undefined,
  upstream: Upstream,
): void {
  if (exchange === undefined) return;
  const { cut, addresses } = exchange.outgoing;
  if (cut === undefined && addresses.members === undefined) clearTimeout(exchange.timer);
  else exchange.timer.refresh(); // what must be read is not answered before it is whole
  exchange.answer = answer;
  exchange.onAnswer();
  if (aboutTheCredential.has(answer.statusCode)) {
    answer.resume();
    exchange.refuse(new GatewayError('UPSTREAM_CREDENTIAL_REJECTED'));
    return;
  }
  sendAnswer(answer, response, exchange.outgoing, upstream)
    .catch((cause: unknown) => {
      answer.resume();
      exchange.refuse(cause instanceof GatewayError ? cause : new GatewayError('UPSTREAM_UNREACHABLE', { cause }));
    })
    .finally(() => clearTimeout(exchange.timer));
}
