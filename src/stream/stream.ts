import { GatewayError } from '../errors/gateway-error.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { type Carry, carryTo, type Manner } from './carry.ts';
import { closeIdle, keepAliveAgent } from './keep-alive-agent.ts';
import { sendAnswer } from './send-answer.ts';

export type Stream = Carry<Outgoing>;

/** Streams prepared requests to the origins of one upstream. Fails as `carryTo` does. */
export function streamTo(upstream: Upstream): { readonly stream: Stream; readonly close: () => void } {
  const origins = new Set([upstream.origin, ...upstream.hosts.values()]);
  const agents = new Map([...origins].map((origin) => [origin, keepAliveAgent(origin)]));
  const manner = mannerOf(upstream);
  const streams = new Map([...agents].map(([origin, agent]) => [origin, carryTo(origin, agent, manner)]));
  return {
    stream: async (outgoing, ...rest) => {
      const stream = streams.get(outgoing.origin);
      if (stream === undefined) throw new Error('A request was prepared for an origin that is none of the upstream.');
      await stream(outgoing, ...rest);
    },
    close: () => agents.forEach(closeIdle),
  };
}

const mannerOf = (upstream: Upstream): Manner<Outgoing> => ({
  firstByteMs: upstream.limits.firstByteMs,
  requestBodyBytes: upstream.limits.requestBodyBytes,
  timedOut: () => new GatewayError('UPSTREAM_TIMEOUT'),
  unreachable: (detail) => new GatewayError('UPSTREAM_UNREACHABLE', detail),
  isRead: ({ cut, addresses }) => cut !== undefined || addresses.members !== undefined,
  handOn: async (answer, response, outgoing) => {
    if (aboutTheCredential.has(answer.statusCode)) throw new GatewayError('UPSTREAM_CREDENTIAL_REJECTED');
    await sendAnswer(answer, response, outgoing, upstream);
  },
});

/** Statuses by which the upstream speaks of the gateway's credential: it never learns of the caller's. */
const aboutTheCredential: ReadonlySet<number | undefined> = new Set([401, 403, 407]);
