import type { OnEnd } from '../log/when-ended.ts';
import type { Step, Trace, TracedRequest } from './trace.ts';
import { readTraceContext, type TraceContext, traceparentOf } from './trace-context.ts';

/** How requests are traced. It outlives a set-up that is read anew. */
export type Tracing = {
  /** Whether anything is told to a collector; else what callers say of their trace is only passed on. */
  readonly isOn: boolean;
  /** @param publicUrl PUBLIC_URL: where callers find the gateway */
  of(publicUrl: string | undefined): RequestTracing;
  /** Tells the collector what is left to tell. Resolves when that is done, or has failed. */
  close(): Promise<void>;
};

export type RequestTracing = {
  /** The trace that a request is a part of, if it is. */
  begin(request: TracedRequest): Trace | undefined;
  readonly onEnd: OnEnd | undefined;
};

/** Nothing is told to anybody: a caller's place in a trace goes on as it came, and costs a look at one header. */
export const passingOn: Tracing = {
  isOn: false,
  of: () => ({
    begin: ({ headers }) => {
      if (headers.traceparent === undefined) return undefined;
      const context = readTraceContext(headers);
      return context && passedOn(context);
    },
    onEnd: undefined,
  }),
  close: () => Promise.resolve(),
};

function passedOn(context: TraceContext): Trace {
  const { traceId, state } = context;
  const traceparent = traceparentOf(context);
  const step: Step = {
    headers: state === undefined ? { traceparent } : { traceparent, tracestate: state },
    answered: () => undefined,
    end: () => undefined,
  };
  return { id: traceId, begin: () => step, remembered: () => undefined, end: () => undefined };
}
