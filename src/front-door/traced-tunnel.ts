import { toldToDirectus } from '../tracing/told-to.ts';
import { type Peer, traceOf } from '../tracing/trace.ts';
import { ending, withTrace } from '../tracing/traced.ts';
import type { OpenTunnel } from './tunnelling.ts';

/** The same opening; the handshake of a request that is in a trace is a step of it. */
export const tracedTunnel =
  (openTunnel: OpenTunnel, peer: Peer): OpenTunnel =>
  (handshake) => {
    const trace = traceOf(handshake.response);
    if (trace === undefined) return openTunnel(handshake);
    const step = trace.begin(peer, { method: 'GET', route: undefined });
    const onAnswer = (status: number | undefined) => {
      step.answered(status);
      handshake.onAnswer(status);
    };
    const headers = withTrace(handshake.headers, step, toldToDirectus);
    return ending(step, openTunnel({ ...handshake, headers, onAnswer }));
  };
