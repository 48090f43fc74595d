import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { noteError } from './edge/answer-error.ts';
import { errorBody } from './edge/error-body.ts';
import { GatewayError, invalidPayload, methodNotAllowed } from './errors/gateway-error.ts';
import { answersOwed, owe } from './http/answers-owed.ts';
import { whenStill } from './stream/clocks.ts';
import { hasNoBody } from './stream/repeat.ts';
import { methods } from './upstreams/upstream.ts';

/** Requests that turn their connection into something else. */
export type Upgrades = {
  accepts(request: IncomingMessage): boolean;
  /** Says that this request, which the app gets next, is one of them, and what has come after it. */
  announce(request: IncomingMessage, head: Buffer): void;
};

/** What callers are given time for, in milliseconds. */
export type ServerLimits = {
  /** Until the head of a request is there. */
  readonly headersMs: number;
  /** Until a request is there, its body included: as Node and Directus have it. */
  readonly requestMs: number;
  /** How often these two are looked after. */
  readonly checkMs: number;
  /** In which nothing of a body comes that is waited for. */
  readonly bodyStillMs: number;
};

const defaultLimits: ServerLimits = { headersMs: 15_000, requestMs: 300_000, checkMs: 5_000, bodyStillMs: 30_000 };

/** Longer than load balancers keep an idle connection (60 s is common), so that it is they who close it. */
const keepAliveMs = 65_000;

/** All headers of a request, and its first line: Node's own limit, which no option of the command line raises. */
const maxHeaderBytes = 16_384;

/**
 * The HTTP server in front of the app. What Node would answer by itself it leaves to the app, or answers as the app
 * would: a client that waits for `100 Continue` is refused before it has sent its body; CONNECT, and what is no HTTP,
 * get an error in Directus' form. Whoever sends too slowly gets 408.
 * @param upgrades an offer to change the protocol that it does not accept is left to the app like any other request
 */
export function createGatewayServer(
  app: RequestListener,
  upgrades: Upgrades,
  { headersMs, requestMs, checkMs, bodyStillMs }: ServerLimits = defaultLimits,
): Server {
  const distrusted = new WeakSet<Duplex>();
  const handle: RequestListener = (request, response) => {
    const { socket } = request;
    if (distrusted.has(socket)) return; // Node has read on before the connection was closed
    if (!isFramedPlainly(request)) {
      distrusted.add(socket);
      refuse(socket, invalidPayload('This is not HTTP/1.1'));
      return;
    }
    owe(socket, response);
    if (!hasNoBody(request.headers)) limitPauses(request, response, bodyStillMs);
    app(request, response);
  };
  const server = createServer(
    {
      shouldUpgradeCallback: upgrades.accepts,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
    },
    handle,
  );
  server.maxHeadersCount = 0; // dropped lines could hide the framing; the size of all headers is limited as it is
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('connect', (_request, socket) => refuse(socket, methodNotAllowed('CONNECT', methods)));
  server.on('upgrade', (request, _socket, head) => {
    const { socket } = request;
    socket.on('error', () => socket.destroy()); // nobody else listens any more
    // Node before 24.9 does not ask first, and the rest of the request is lost by now.
    if (!upgrades.accepts(request)) refuse(socket, invalidPayload('Upgrades are not supported'));
    else if (answersOwed(socket).length > 0) socket.destroy();
    else {
      upgrades.announce(request, head);
      handle(request, responseTo(request));
    }
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, new GatewayError('HEADERS_TOO_LARGE'));
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuse(socket, new GatewayError('REQUEST_TIMEOUT'));
    else refuse(socket, invalidPayload('This is not HTTP'));
  });
  return server;
}

/**
 * Node also reads HTTP/0.9, which has no headers, HTTP/2.0 in the form of HTTP/1, and chunks in HTTP/1.0, which has none:
 * a proxy in front may see the end of such a request elsewhere (RFC 9112, sections 2.3 and 6.1).
 */
const isFramedPlainly = ({ httpVersion, headers }: IncomingMessage): boolean =>
  httpVersion === '1.1' || (httpVersion === '1.0' && headers['transfer-encoding'] === undefined);

/**
 * Ends a request whose body stands still, whoever waits for it: what has been sent of it upstream is no whole request.
 * A body that nobody takes at the moment does not stand still.
 */
function limitPauses(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const { socket } = request;
  const stopClock = whenStill(
    ms,
    () => socket.bytesRead,
    () => {
      if (request.complete) stop();
      if (request.complete || request.readableLength > 0) return;
      stop();
      if (response.writableFinished) socket.destroy();
      else refuse(socket, new GatewayError('REQUEST_TIMEOUT', { logReason: 'body_still' }));
    },
  );
  const stop = () => {
    stopClock();
    socket.off('close', stop);
  };
  request.once('end', stop).once('close', stop);
  socket.once('close', stop); // a request whose body nobody has read may never end
}

/** What the server itself makes for every other request: nothing is left of its own once an upgrade has begun. */
function responseTo(request: IncomingMessage) {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on('drain', () => response.emit('drain'));
  response.on('finish', () => socket.destroySoon());
  return response;
}

/**
 * Refuses what a connection brings, and ends it. Told only to who would not take it for another answer, or for a part of
 * one: in the place of the answer to the request that it is a part of, or where nothing is owed.
 */
function refuse(socket: Duplex, error: GatewayError): void {
  const [first, ...further] = answersOwed(socket);
  const itsAnswer = [first, ...further].find((answer) => answer?.req.complete === false);
  if (itsAnswer !== undefined) {
    noteError(itsAnswer, error);
    if (!itsAnswer.headersSent) itsAnswer.statusCode = error.status;
  }
  if (first !== itsAnswer || first?.headersSent === true) socket.destroy();
  else sendRaw(socket, error, first?.getHeaders());
}

/** The answer that was begun is left unfinished: whoever works on it is to find that nobody waits for it any more. */
function sendRaw(socket: Duplex, error: GatewayError, begun: OutgoingHttpHeaders = {}): void {
  socket.on('error', () => socket.destroy()); // nobody else listens any more
  const body = JSON.stringify(errorBody(error, true));
  const headers = {
    'x-request-id': randomUUID(),
    ...begun,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    ...error.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  const head = [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy()); // the client may never close its side
}
