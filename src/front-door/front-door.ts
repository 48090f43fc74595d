import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { directusUnavailable, invalidPayload } from '../errors/gateway-error.ts';
import type { OpenRequests } from '../limit/open-requests.ts';
import { roundedMs, trailOf } from '../log/trail.ts';
import type { Upgrades } from '../server.ts';
import { type Carry, carryTo, type Manner, type Sendable } from '../stream/carry.ts';
import { closeIdle, keepAliveAgent } from '../stream/keep-alive-agent.ts';
import { toldToDirectus } from '../tracing/told-to.ts';
import { type Peer, peerOf } from '../tracing/trace.ts';
import { traced } from '../tracing/traced.ts';
import { nameOfDirectus } from '../upstreams/own-routes.ts';
import { handOn } from './answer.ts';
import type { Claims } from './claims.ts';
import { headersForDirectus } from './headers.ts';
import type { OpenTunnels } from './open-tunnels.ts';
import { tracedTunnel } from './traced-tunnel.ts';
import { createTunnelling, type OpenTunnel } from './tunnelling.ts';

export type FrontDoorParts = {
  /** Base address without a final slash; may have a path. */
  readonly directusUrl: string;
  /** Whether an upstream, or the gateway itself, answers this request. */
  readonly claims: Claims;
  readonly tunnels: OpenTunnels;
  /** Where requests that become no tunnel are counted. */
  readonly openRequests: Pick<OpenRequests, 'enterFrontDoor'>;
  /** Whether requests are steps of traces of the gateway's; else what is said of traces passes like all else. */
  readonly isTraced?: boolean;
  /** Milliseconds from any starting point, for durations. */
  readonly clock: () => number;
  /** Milliseconds until Directus begins to answer; sending the request does not count. */
  readonly firstByteMs?: number | undefined;
  /** Milliseconds until Directus has answered a WebSocket's handshake: where it has no WebSocket it never does. */
  readonly handshakeMs?: number | undefined;
};

export type FrontDoor = {
  /** Streams to Directus what nobody claims. */
  readonly handle: RequestHandler;
  readonly upgrades: Upgrades;
  /** Lets connections that nobody uses go. Requests under way and tunnels end in their own time. */
  close(): void;
};

/** Directus itself, behind the gateway's own address (docs/decisions/0009). */
export function createFrontDoor({
  directusUrl,
  claims,
  tunnels,
  openRequests,
  isTraced = false,
  clock,
  firstByteMs = defaultFirstByteMs,
  handshakeMs = defaultHandshakeMs,
}: FrontDoorParts): FrontDoor {
  const { origin, host, pathname } = new URL(directusUrl);
  const base = pathname.replace(/\/$/, '');
  const agent = keepAliveAgent(origin);
  const direct = {
    carry: carryTo(origin, agent, mannerOfDirectus(firstByteMs)),
    openTunnel: createTunnelling({ origin, handshakeMs, tunnels }),
  };
  const { carry, openTunnel } = isTraced ? tracedDoor(direct, peerOf('directus', origin)) : direct;
  /** Requests that become a tunnel, with the bytes that have come after them. */
  const upgrading = new WeakMap<IncomingMessage, Buffer>();

  return {
    handle: async (request, response, next) => {
      if (claims(request.hostname, request.originalUrl)) {
        next();
        return;
      }
      const trail = trailOf(response);
      trail.upstream = nameOfDirectus;
      const target = base + requireTarget(request.originalUrl);
      const headers = headersForDirectus(request, host);
      const early = upgrading.get(request);
      const sent = clock();
      const onAnswer = () => {
        trail.upstreamMs = roundedMs(clock() - sent);
      };
      if (early !== undefined) {
        await openTunnel({ target, headers, early, response, onAnswer });
        return;
      }
      openRequests.enterFrontDoor(response);
      if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
      await carry({ target, headers, body: undefined }, request, response, { onAnswer });
    },
    upgrades: {
      accepts: (request) => isWebSocket(request) && !claims(hostnameOf(request), request.url ?? ''),
      announce: (request, early) => upgrading.set(request, early),
    },
    close: () => closeIdle(agent),
  };
}

type Ways = { readonly carry: Carry<Sendable>; readonly openTunnel: OpenTunnel };

const tracedDoor = ({ carry, openTunnel }: Ways, peer: Peer): Ways => ({
  carry: traced(carry, peer, toldToDirectus),
  openTunnel: tracedTunnel(openTunnel, peer),
});

/** Imports and exports of Directus take their time, and end in their own. */
const defaultFirstByteMs = 300_000;
const defaultHandshakeMs = 10_000;
const connectMs = 5_000;

const mannerOfDirectus = (firstByteMs: number): Manner<Sendable> => ({
  limits: { connectMs, firstByteMs, silenceMs: firstByteMs },
  timedOut: ({ cause }) => directusUnavailable(cause),
  unreachable: ({ cause }) => directusUnavailable(cause),
  isEndless: () => true,
  handOn: async (answer, response) => handOn(answer, response),
});

/**
 * As it came: Directus is the one who reads it. Only what is no path ends here.
 * @throws GatewayError INVALID_PAYLOAD
 */
function requireTarget(target: string): string {
  if (!target.startsWith('/')) throw invalidPayload('The request target must be a path');
  return target;
}

/** As far as it counts before IP_TRUST_PROXY has been looked at; `handle` looks again. */
const hostnameOf = ({ headers }: IncomingMessage): string | undefined => headers.host?.replace(/:\d*$/, '');

/** What may become a tunnel. Any other offer to change the protocol is ignored, and the request an ordinary one. */
const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  headers['transfer-encoding'] === undefined &&
  (headers['content-length'] ?? '0') === '0';
