import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plainRequest,
  type ServerResponse,
} from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { directusUnavailable } from '../errors/gateway-error.ts';
import { handOn, setAnswerHeaders } from './answer.ts';
import { join } from './join.ts';
import type { OpenTunnels, Tunnel } from './open-tunnels.ts';

export type Handshake = {
  /** The path at Directus. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** What the caller has sent after the request. Directus gets it when it has agreed, and never before. */
  readonly early: Buffer;
  readonly response: ServerResponse;
  readonly onAnswer: (status: number | undefined) => void;
};

/**
 * Resolves when Directus has answered: with a tunnel, or with anything else, which is handed on.
 * Rejects with SERVICE_UNAVAILABLE while nothing has been answered.
 */
export type OpenTunnel = (handshake: Handshake) => Promise<void>;

export type TunnellingParts = {
  readonly origin: string;
  readonly handshakeMs: number;
  readonly tunnels: OpenTunnels;
};

/** WebSockets between callers and Directus. Each has a connection to Directus of its own, which is never used again. */
export function createTunnelling({ origin, handshakeMs, tunnels }: TunnellingParts): OpenTunnel {
  const ask = origin.startsWith('https:') ? tlsRequest : plainRequest;

  return async ({ target: path, headers, early, response, onAnswer }) => {
    if (tunnels.isClosed()) throw directusUnavailable(new Error('The gateway is stopping.'));
    const giveUp = new AbortController();
    const handshake: Tunnel = { end: () => giveUp.abort(), cut: () => response.destroy() };
    const timer = setTimeout(handshake.end, handshakeMs);
    tunnels.add(handshake);
    response.once('close', () => {
      tunnels.delete(handshake);
      handshake.end();
    });
    const offer = { ...headers, connection: 'Upgrade', upgrade: 'websocket' };
    try {
      const question = ask(origin, { path, headers: offer, agent: false, signal: giveUp.signal });
      const { answer, directus, first } = await answerTo(question);
      onAnswer(answer.statusCode);
      if (directus === undefined) handOn(answer, response);
      else Object.assign(handshake, agree(answer, response, directus, { early, first }));
    } catch (cause) {
      if (!response.destroyed) throw directusUnavailable(cause);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Without a socket where Directus does not agree. */
type Outcome = { readonly answer: IncomingMessage; readonly directus?: Socket; readonly first: Buffer };

function answerTo(question: ClientRequest): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  question.on('error', reject);
  question.once('response', (answer) => resolve({ answer, first: Buffer.alloc(0) }));
  question.once('upgrade', (answer, directus, first) => {
    directus.on('error', () => directus.destroy()); // nobody else listens any more
    resolve({ answer, directus, first });
  });
  question.end();
  return promise;
}

/** Only what Directus has agreed to is a tunnel, or a caller could speak past the gateway through a refusal. */
function agree(
  answer: IncomingMessage,
  response: ServerResponse,
  directus: Socket,
  { early, first }: { readonly early: Buffer; readonly first: Buffer },
): Tunnel {
  if (answer.headers.upgrade?.toLowerCase() !== 'websocket') {
    directus.destroy();
    throw new Error('Directus agreed to another protocol.');
  }
  setAnswerHeaders(answer, response);
  response.statusCode = 101;
  response.removeHeader('Content-Length');
  response.setHeader('Connection', 'Upgrade');
  response.setHeader('Upgrade', 'websocket');
  response.flushHeaders();
  const caller = response.req.socket;
  if (first.length > 0) caller.write(first);
  if (early.length > 0) directus.write(early);
  return join(caller, directus);
}
