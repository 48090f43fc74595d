import {
  type Context,
  trace as contexts,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { Exporting } from './exporting.ts';
import { knownMethod, spanName } from './known-method.ts';
import { describeRequest } from './server-span.ts';
import { type Site, siteOf, siteReached } from './site.ts';
import { type Asked, type Peer, type Step, type Trace, type TracedRequest, traceOf } from './trace.ts';
import { randomFlag, readTraceContext, type TraceContext, traceparentOf } from './trace-context.ts';
import type { Tracing } from './tracing.ts';

/** Every request as a span of its own, below its caller's; what it asks of others as spans below that. */
export const createTracing = ({ tracer, close }: Exporting): Tracing => ({
  isOn: true,
  of: (publicUrl) => {
    const site = publicUrl === undefined ? undefined : siteOf(publicUrl);
    return {
      begin: (request) => createTrace(tracer, request, site),
      onEnd: (request, response, trail) => traceOf(response)?.end(request, response, trail),
    };
  },
  close,
});

function createTrace(tracer: Tracer, request: TracedRequest, known: Site | undefined): Trace {
  const caller = readTraceContext(request.headers);
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, contextOf(caller));
  const { traceId } = span.spanContext();
  if (!span.isRecording()) return unrecorded(span, caller);

  const site = known ?? siteReached(request);
  const below = contexts.setSpan(ROOT_CONTEXT, span);
  return {
    id: traceId,
    begin: (peer, asked) => {
      const options = { kind: SpanKind.CLIENT, attributes: describeAsked(peer, asked) };
      return createStep(tracer.startSpan(spanName(asked.method, asked.route), options, below), caller);
    },
    remembered: (result) => span.setAttribute('directus_gateway.remembered', result),
    end: (ended, response, trail) => {
      const { name, attributes, isError } = describeRequest(ended, response, trail, site);
      span.updateName(name).setAttributes(attributes);
      if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

const describeAsked = ({ name, address, port }: Peer, { method, route }: Asked) => ({
  'http.request.method': knownMethod(method) ?? '_OTHER',
  'server.address': address,
  'server.port': port,
  'directus_gateway.upstream': name,
  ...(route !== undefined && { 'url.template': route }),
});

/** Without the caller's `tracestate`: a span tells the collector all that it knows. */
const contextOf = (caller: TraceContext | undefined): Context =>
  caller === undefined
    ? ROOT_CONTEXT
    : contexts.setSpanContext(ROOT_CONTEXT, {
        traceId: caller.traceId,
        spanId: caller.parentId,
        traceFlags: caller.flags,
        isRemote: true,
      });

/** A request that was not chosen: whoever is asked learns so, and spans of what is asked would be told to nobody. */
function unrecorded(span: Span, caller: TraceContext | undefined): Trace {
  const step: Step = { headers: headersOf(span, caller), answered: () => undefined, end: () => undefined };
  return {
    id: span.spanContext().traceId,
    begin: () => step,
    remembered: () => undefined,
    end: () => undefined,
  };
}

function createStep(span: Span, caller: TraceContext | undefined): Step {
  let failedAs: string | undefined;
  return {
    headers: headersOf(span, caller),
    answered: (status) => {
      if (status === undefined) return;
      span.setAttribute('http.response.status_code', status);
      if (status >= 400) failedAs = String(status);
    },
    end: (failure = failedAs) => {
      if (failure !== undefined) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** That the id is random is true of all of a trace, or unknown; what else the caller says goes on as it came. */
function headersOf(span: Span, caller: TraceContext | undefined): Step['headers'] {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags | ((caller?.flags ?? 0) & randomFlag);
  const traceparent = traceparentOf({ traceId, parentId: spanId, flags });
  return caller?.state === undefined ? { traceparent } : { traceparent, tracestate: caller.state };
}
