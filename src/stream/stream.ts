import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAboutCredential } from '../answer/is-about-credential.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import { toldTo } from '../tracing/told-to.ts';
import { peerOf } from '../tracing/trace.ts';
import { traced } from '../tracing/traced.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { type Breaker, type BreakerState, breakerStates } from './breaker.ts';
import { carryTo, type Manner } from './carry.ts';
import { closeIdle, keepAliveAgent } from './keep-alive-agent.ts';
import { sendAnswer } from './send-answer.ts';

/** @param onAnswer called when the answer begins */
export type Stream = (
  outgoing: Outgoing,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: (answer: IncomingMessage) => void,
) => Promise<void>;

export type Streaming = {
  readonly stream: Stream;
  readonly close: () => void;
  /** Of the main origin: operations go there, too. */
  readonly breaker: Breaker;
  /** The worst of its origins. */
  readonly breakerState: () => BreakerState;
};

/**
 * Streams prepared requests to the origins of one upstream. Fails as `carryTo` does, and with UPSTREAM_UNAVAILABLE, with
 * nothing sent, while the breaker of the origin is open.
 */
export function streamTo(upstream: Upstream, breakerOf: (origin: string) => Breaker): Streaming {
  const manner = mannerOf(upstream);
  const connect = (origin: string) => {
    const agent = keepAliveAgent(origin);
    const carry = traced(carryTo(origin, agent, manner), peerOf(upstream.name, origin), toldTo(upstream));
    return { agent, breaker: breakerOf(origin), carry };
  };
  const main = connect(upstream.origin);
  const others = [...new Set(upstream.hosts.values())].filter((origin) => origin !== upstream.origin);
  const ways = new Map([[upstream.origin, main], ...others.map((origin) => [origin, connect(origin)] as const)]);

  return {
    stream: (outgoing, request, response, onAnswer) => {
      const way = ways.get(outgoing.origin);
      if (way === undefined) throw new Error('A request was prepared for an origin that is none of the upstream.');
      return way.breaker.guard(({ answered, failed }) =>
        way.carry(outgoing, request, response, {
          onAnswer: (answer) => {
            answered();
            onAnswer(answer);
          },
          onFailure: failed,
        }),
      );
    },
    close: () => {
      for (const { agent } of ways.values()) closeIdle(agent);
    },
    breaker: main.breaker,
    breakerState: () => worst([...ways.values()].map(({ breaker }) => breaker.state())),
  };
}

const worst = (states: readonly BreakerState[]): BreakerState =>
  breakerStates.findLast((state) => states.includes(state)) ?? 'closed';

const mannerOf = (upstream: Upstream): Manner<Outgoing> => ({
  limits: upstream.limits,
  requestBodyBytes: upstream.limits.requestBodyBytes,
  idempotencyHeader: upstream.idempotencyHeader,
  timedOut: (detail) => new GatewayError('UPSTREAM_TIMEOUT', detail),
  unreachable: (detail) => new GatewayError('UPSTREAM_UNREACHABLE', detail),
  isEndless: ({ isStream }) => isStream,
  handOn: (answer, response, outgoing) =>
    isAboutCredential(answer.statusCode)
      ? Promise.reject(new GatewayError('UPSTREAM_CREDENTIAL_REJECTED'))
      : sendAnswer(answer, response, outgoing, upstream),
});
