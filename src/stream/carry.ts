import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Stream } from 'node:stream';
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import { codeOf } from '../errors/code-of.ts';
import { type ErrorDetail, GatewayError } from '../errors/gateway-error.ts';
import { Unsent } from '../limit/unsent.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import { CallerGone, isGone } from './caller-gone.ts';
import { type ClockLimits, type Clocks, type RunOut, startClocks } from './clocks.ts';
import { lend, takeBack } from './lend.ts';
import { hasNoBody, isRepeatable, isStale, repetitionFailed } from './repeat.ts';

/** As much of what was prepared as it takes to send it; without an action, the method says what it does. */
export type Sendable = Pick<Outgoing, 'target' | 'headers' | 'body'> & Partial<Pick<Outgoing, 'action'>>;

/** What is told while a request is on its way. */
export type Heard = {
  /** The answer begins. Who looks into it must begin to in this same turn, and leave it as it is. */
  onAnswer(answer: IncomingMessage): void;
  /** The other side could not be reached, or did not begin to answer in time. Never said of a caller who left. */
  onFailure?(): void;
};

export type Carry<Sent extends Sendable> = (
  outgoing: Sent,
  request: IncomingMessage,
  response: ServerResponse,
  heard: Heard,
) => Promise<void>;

/** What differs between an upstream and Directus behind the front door. */
export type Manner<Sent extends Sendable> = {
  readonly limits: ClockLimits;
  /** The largest body that streams. */
  readonly requestBodyBytes?: number | undefined;
  /** Header by which it recognises a repeated request. */
  readonly idempotencyHeader?: string | undefined;
  timedOut(detail: ErrorDetail): GatewayError;
  unreachable(detail: ErrorDetail): GatewayError;
  /** Whether the answer may take as long as it likes. */
  isEndless(outgoing: Sent): boolean;
  /** Rejects, with nothing sent, when the answer cannot be handed on. */
  handOn(answer: IncomingMessage, response: ServerResponse, outgoing: Sent): Promise<void>;
};

/** What happens to a request on its way. It is kept with the request: a Map's old tables would keep it from V8's small collections. */
type UnderWay = { onSend(proxyRequest: ClientRequest): void; onAnswer(answer: IncomingMessage): void };
const underWay = Symbol('under way');
type Carried = IncomingMessage & { [underWay]?: UnderWay };

/** One request on its way. */
type Exchange<Sent extends Sendable> = {
  readonly outgoing: Sent;
  readonly heard: Heard;
  /** Ends the exchange with an error that the caller can still be told. */
  readonly refuse: (error: GatewayError) => void;
  readonly clocks: Clocks;
  isRefused: boolean;
  isRepeated: boolean;
  proxyRequest: ClientRequest | undefined;
  bytesBefore: number;
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
  const { limits, requestBodyBytes, idempotencyHeader } = manner;
  const { protocol, hostname, port } = new URL(origin);
  const plugin: Plugin = (proxyServer) => {
    proxyServer.on('proxyReq', (proxyRequest, request: Carried, response) => {
      proxyRequest.on('error', () => breakOff(response));
      takeBack(request);
      request[underWay]?.onSend(proxyRequest);
    });
    proxyServer.on('proxyRes', (answer, request: Carried) => request[underWay]?.onAnswer(answer));
  };
  const proxyBy = (by: Agent | false, body?: Stream) => {
    const proxyIt = createProxyMiddleware({
      target: { protocol, hostname: hostname.replaceAll(/^\[|\]$/g, ''), port }, // as text, parsed for each request
      agent: by,
      selfHandleResponse: true,
      ejectPlugins: true, // the default ones write error texts into answers
      plugins: [plugin],
      ...(body !== undefined && { buffer: body }), // is piped instead of the request
    });
    return (outgoing: Sent, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      lend(request, outgoing);
      return proxyIt(request, response).finally(() => takeBack(request)); // where not even a connection was begun
    };
  };
  const proxy = { streaming: proxyBy(agent), whole: proxyBy(agent, nothing) };
  const proxyAnew = proxyBy(false, nothing);

  return (outgoing, request: Carried, response, heard) => {
    if (isGone(request, response)) return Promise.reject(new CallerGone()); // nobody would hear of it later
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const clocks = startClocks({
      limits: manner.isEndless(outgoing) ? { ...limits, totalMs: undefined } : limits,
      response,
      onRunOut: (clock) => giveUp(clock, response, exchange, manner),
    });
    const exchange: Exchange<Sent> = {
      outgoing,
      heard,
      refuse: (error) => {
        exchange.isRefused = true;
        reject(error);
      },
      clocks,
      isRefused: false,
      isRepeated: false,
      proxyRequest: undefined,
      bytesBefore: 0,
      answer: undefined,
    };
    request[underWay] = {
      onSend: (proxyRequest) => send(proxyRequest, exchange, manner),
      onAnswer: (answer) => passOn(answer, response, exchange, manner),
    };
    if (requestBodyBytes !== undefined && outgoing.body === undefined) {
      limitBody(request, requestBodyBytes, () => {
        exchange.refuse(new GatewayError('CONTENT_TOO_LARGE'));
        exchange.proxyRequest?.destroy();
      });
    }

    const onFailure = (cause: unknown) => {
      clocks.stop();
      breakOff(response);
      const isEnded = exchange.isRefused || exchange.answer !== undefined || isGone(request, response);
      if (!isEnded && !isStale(exchange, cause) && !isNotHttp(cause)) heard.onFailure?.();
      reject(manner.unreachable({ cause: blamed(cause, exchange) }));
    };
    const onEnd = () => {
      clocks.stop();
      if (clocks.wasConnected()) resolve();
      else reject(new CallerGone());
    };
    const isWhole = outgoing.body !== undefined || hasNoBody(outgoing.headers);
    proxy[isWhole ? 'whole' : 'streaming'](outgoing, request, response).then(onEnd, (cause: unknown) => {
      const repeatable = isRepeatable({ method: request.method, idempotencyHeader, ...outgoing });
      if (!repeatable || !isStale(exchange, cause) || isGone(request, response)) return onFailure(cause);
      exchange.isRepeated = true;
      // The other connections may have been closed with this one.
      proxyAnew(outgoing, request, response).then(onEnd, onFailure);
    });
    return promise;
  };
}

/** What is left to pipe of a request that is sent whole. */
const nothing: Stream = Object.assign(new Stream(), { pipe: <To>(to: To): To => to });

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
  const { clocks, refuse, outgoing } = exchange;
  exchange.proxyRequest = proxyRequest;
  exchange.bytesBefore = proxyRequest.socket?.bytesRead ?? 0;
  clocks.sending(proxyRequest);
  proxyRequest.once('upgrade', (_answer, socket) => {
    socket.destroy();
    refuse(unreachable({ logReason: 'unasked_upgrade' }));
  });
  if (outgoing.body !== undefined || hasNoBody(outgoing.headers)) proxyRequest.end(outgoing.body);
}

/** An error where the caller can still be told; else the end of the connection. */
function giveUp<Sent extends Sendable>(
  clock: RunOut,
  response: ServerResponse,
  exchange: Exchange<Sent>,
  manner: Manner<Sent>,
): void {
  const { clocks, refuse, heard, answer, proxyRequest } = exchange;
  clocks.stop();
  const isOfCaller = clock === 'reader' || clock === 'body';
  if (!isOfCaller && answer === undefined) heard.onFailure?.();
  refuse(errorOf(clock, exchange, manner));
  breakOff(response);
  // An answer that has come is let go when the caller has been told: earlier, the caller's connection would go with it.
  if (answer === undefined || response.headersSent) proxyRequest?.destroy();
}

function errorOf<Sent extends Sendable>(
  clock: RunOut,
  exchange: Exchange<Sent>,
  { limits, timedOut, unreachable }: Manner<Sent>,
): GatewayError {
  const late = (what: string, ms = 0) => `${what} within ${ms} ms.`;
  const ranOut = (...told: Parameters<typeof late>) => ({ cause: new Error(late(...told)) });
  switch (clock) {
    case 'connect':
      return unreachable({ cause: blamed(new Unsent(late('There was no connection', limits.connectMs)), exchange) });
    case 'first-byte':
      return timedOut(ranOut('No answer began', limits.firstByteMs));
    case 'silence':
      return timedOut(ranOut('Nothing more of the answer came', limits.silenceMs));
    case 'total':
      return timedOut(ranOut('The answer was not whole', limits.totalMs));
    case 'reader':
      return new GatewayError('REQUEST_TIMEOUT', { logReason: 'reader_still' });
    case 'body':
      return new GatewayError('REQUEST_TIMEOUT', { logReason: 'body_still' });
  }
}

/** What a failure is laid to: that there is no connection says nothing of a request that has been sent over another. */
const blamed = (cause: unknown, { isRepeated }: Pick<Exchange<Sendable>, 'isRepeated'>): unknown =>
  isRepeated ? repetitionFailed(cause) : cause;

/** An answer that is none, by which the other side shows that it is there. */
const isNotHttp = (cause: unknown): boolean => String(codeOf(cause)).startsWith('HPE_');

/** At once: a moment later the answer may have come to what looks like its end. */
function breakOff(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
}

/** Must not throw: http-proxy-middleware would let the process end. */
function passOn<Sent extends Sendable>(
  answer: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange<Sent>,
  { handOn, unreachable }: Manner<Sent>,
): void {
  const { outgoing, clocks, heard } = exchange;
  clocks.answering(answer);
  exchange.answer = answer;
  heard.onAnswer(answer);
  handOn(answer, response, outgoing).catch((cause: unknown) => {
    answer.resume();
    exchange.refuse(cause instanceof GatewayError ? cause : unreachable({ cause }));
  });
}
