import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests that turn their connection into something else. */
export type Upgrades = {
  accepts(request: IncomingMessage): boolean;
  /** Says that this request, which the app gets next, is one of them, and what has come after it. */
  announce(request: IncomingMessage, head: Buffer): void;
};

/**
 * The HTTP server in front of the app. What Node would answer by itself it leaves to the app, or answers as the app
 * would: a client that waits for `100 Continue` is refused before it has sent its body; CONNECT, and what is no HTTP,
 * get an error in Directus' form.
 * @param upgrades an offer to change the protocol that it does not accept is left to the app like any other request
 */
export function createGatewayServer(app: RequestListener, upgrades: Upgrades): Server {
  const running = new WeakMap<Duplex, ServerResponse>();
  const handle: RequestListener = (request, response) => {
    running.set(request.socket, response);
    app(request, response);
  };
  const server = createServer({ shouldUpgradeCallback: upgrades.accepts }, handle);
  server.maxHeadersCount = 0; // dropped lines could hide the framing; the size of all headers is limited as it is
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('connect', (_request, socket) =>
    refuse(socket, 405, 'METHOD_NOT_ALLOWED', 'Invalid method "CONNECT" used.'),
  );
  server.on('upgrade', (request, _socket, head) => {
    const { socket } = request;
    socket.on('error', () => socket.destroy()); // nobody else listens any more
    // An answer to an earlier request is under way, and nothing may get into the middle of it.
    if (running.get(socket)?.writableFinished === false) socket.destroy();
    // Node before 24.9 does not ask first, and the rest of the request is lost by now.
    else if (!upgrades.accepts(request)) refuse(socket, 400, 'INVALID_PAYLOAD', 'Upgrades are not supported.');
    else {
      upgrades.announce(request, head);
      handle(request, responseTo(request));
    }
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswering = running.get(socket)?.headersSent === true && running.get(socket)?.writableFinished === false;
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering) socket.destroy();
    else if (error.code === 'HPE_HEADER_OVERFLOW')
      refuse(socket, 431, 'INVALID_PAYLOAD', 'Invalid payload. Too many headers.');
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
      refuse(socket, 408, 'INVALID_PAYLOAD', 'Invalid payload. Too slow.');
    else refuse(socket, 400, 'INVALID_PAYLOAD', 'Invalid payload. This is not HTTP.');
  });
  return server;
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

function refuse(socket: Duplex, status: number, code: string, message: string): void {
  socket.on('error', () => socket.destroy()); // nobody else listens any more
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy()); // the client may never close its side
}
