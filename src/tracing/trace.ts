import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hearer } from '../authenticate/remember.ts';
import { type Trail, trailOf } from '../log/trail.ts';

/** The headers that go along with what is asked of others on behalf of a request. */
export type TraceHeaders = { readonly traceparent: string; readonly tracestate?: string };

/** Somebody who is asked: Directus or an upstream. Made of the set-up alone. */
export type Peer = {
  /** Name of the upstream, or `directus`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
};

/** What is asked. */
export type Asked = {
  readonly method: string | undefined;
  /** The path with names in place of what varies; undefined where nobody knows one. */
  readonly route: string | undefined;
};

/** One request to somebody else, as a part of a trace. */
export type Step = {
  readonly headers: TraceHeaders;
  /** An answer begins. */
  answered(status: number | undefined): void;
  /** It is over. @param failure a stable word, where it has failed */
  end(failure?: string): void;
};

/** The trace that one request to the gateway is a part of. */
export type Trace = Hearer & {
  /** 32 hexadecimal digits. */
  readonly id: string;
  begin(peer: Peer, asked: Asked): Step;
  /** The answer to the caller has ended. */
  end(request: TracedRequest, response: ServerResponse, trail: Trail): void;
};

/** As Express leaves it. */
export type TracedRequest = IncomingMessage & {
  readonly protocol?: string;
  /** Of the gateway's own routes. */
  readonly route?: { readonly path?: unknown } | undefined;
};

const kept = Symbol('trace');
type Traced = ServerResponse & { [kept]?: Trace };

/** Kept with the response, like the trail: a request that is in no trace has nothing. */
export function keepTrace(response: Traced, trace: Trace): void {
  response[kept] = trace;
  trailOf(response).trace_id = trace.id;
}

export const traceOf = (response: Traced): Trace | undefined => response[kept];

/** @param origin scheme, host and port */
export function peerOf(name: string, origin: string): Peer {
  const { hostname, port, protocol } = new URL(origin);
  return {
    name,
    address: hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'http:' ? 80 : 443),
  };
}
