import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Outgoing } from '../prepare/prepare.ts';

/** As much of what was prepared as it takes to send it. */
export type Sendable = Pick<Outgoing, 'target' | 'headers' | 'body'>;

/** @param onAnswer called when the answer begins */
export type Carry<Sent extends Sendable> = (
  outgoing: Sent,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: () => void,
) => Promise<void>;

/** What differs between an upstream and Directus behind the front door. */
export type Manner<Sent extends Sendable> = {
  readonly firstByteMs: number;
  /** The largest body that streams. */
  readonly requestBodyBytes?: number | undefined;
  timedOut(): GatewayError;
  unreachable(detail: { readonly cause?: unknown; readonly logReason?: string }): GatewayError;
  /** Whether nothing is answered before the answer is whole. */
  isRead(outgoing: Sent): boolean;
  /** Rejects, with nothing sent, when the answer cannot be handed on. */
  handOn(answer: IncomingMessage, response: ServerResponse, outgoing: Sent): Promise<void>;
};

/** One request on its way. */
type Exchange<Sent extends Sendable> = {
  readonly outgoing: Sent;
  readonly onAnswer: () => void;
  /** Ends the exchange with an error that the caller can still be told. */
  readonly refuse: (error: GatewayError) => void;
  readonly timer: NodeJS.Timeout;
  proxyRequest: ClientRequest | undefined;
  answer: IncomingMessage | undefined;
};

/**
 * Carries prepared requests to one origin. The one place that knows http-proxy-middleware, and only as the mover of
 * bytes: what is sent was decided before, and what is answered is decided by the manner (docs/decisions/0002).
 *
 * Rejects with a GatewayError while no byte has been answered. Once the answer has begun, a failure breaks the
 * client's connection, so that a cut-off answer never looks complete.
 */
export function carryTo<Sent extends Sendable>(origin: string, agent: Agent, manner: Manner<Sent>): Carry<Sent> {
  const { firstByteMs, requestBodyBytes } = manner;
  const exchanges = new WeakMap<IncomingMessage, Exchange<Sent>>();

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
          if (exchange !== undefined) send(proxyRequest, exchange, manner);
        });
        proxyServer.on('proxyRes', (answer, request, response) => {
          const exchange = exchanges.get(request);
          if (exchange !== undefined) passOn(answer, response, exchange, manner);
        });
      },
    ],
  });

  return (outgoing, request, response, onAnswer) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      if (isWaitingForCaller(exchange.proxyRequest)) timer.refresh();
      else {
        reject(manner.timedOut());
        exchange.proxyRequest?.destroy();
      }
    }, firstByteMs);
    const exchange: Exchange<Sent> = {
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
        reject(manner.unreachable({ cause }));
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

function send<Sent extends Sendable>(
  proxyRequest: ClientRequest,
  exchange: Exchange<Sent>,
  { unreachable }: Manner<Sent>,
): void {
  const { timer, refuse, outgoing } = exchange;
  exchange.proxyRequest = proxyRequest;
  proxyRequest.once('finish', () => timer.refresh());
  proxyRequest.once('upgrade', (_answer, socket) => {
    socket.destroy();
    refuse(unreachable({ logReason: 'unasked_upgrade' }));
  });
  if (outgoing.body !== undefined) proxyRequest.end(outgoing.body);
}

/** Whether the other side takes all that comes, and it is the caller who has not sent everything. */
const isWaitingForCaller = (proxyRequest: ClientRequest | undefined): boolean =>
  proxyRequest?.socket?.connecting === false && !proxyRequest.writableEnded && !proxyRequest.writableNeedDrain;

/** At once: a moment later the answer may have come to what looks like its end. */
function breakOff(response: ServerResponse, exchange: Pick<Exchange<Sendable>, 'answer'> | undefined): void {
  if (!response.headersSent) return;
  exchange?.answer?.unpipe(response);
  response.destroy();
}

/** Must not throw: http-proxy-middleware would let the process end. */
function passOn<Sent extends Sendable>(
  answer: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange<Sent>,
  { isRead, handOn, unreachable }: Manner<Sent>,
): void {
  const { outgoing, timer } = exchange;
  if (isRead(outgoing)) timer.refresh();
  else clearTimeout(timer);
  exchange.answer = answer;
  exchange.onAnswer();
  handOn(answer, response, outgoing)
    .catch((cause: unknown) => {
      answer.resume();
      exchange.refuse(cause instanceof GatewayError ? cause : unreachable({ cause }));
    })
    .finally(() => clearTimeout(timer));
}
