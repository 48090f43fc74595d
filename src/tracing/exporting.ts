import { randomUUID } from 'node:crypto';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { codeOf } from '../errors/code-of.ts';
import { samplerOf } from './sampler-of.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Where spans are made, and how they get to the collector. */
export type Exporting = {
  readonly tracer: Tracer;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
};

/**
 * OpenTelemetry's own SDK, of which nothing is registered for the whole process. Spans wait for at most five seconds, 2048
 * of them at most: while a collector does not take them in time, further ones are dropped.
 */
export function createExporting(settings: TracingSettings, logger: Logger): Exporting {
  const { url, headers, resource, sampler } = settings;
  const exporter = telling(new OTLPTraceExporter({ url, headers: { ...headers } }), logger);
  const provider = new TracerProvider({
    sampler: samplerOf(sampler),
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.instance.id': randomUUID(), 'process.pid': process.pid, ...resource }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  return {
    tracer: provider.getTracer('directus-gateway'),
    close: () => provider.shutdown().catch(() => undefined), // the log has it already
  };
}

/** Tells the log when the collector stops taking spans, and when it begins again; never what it has said. */
function telling(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isTaking = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result;
        const takes = error === undefined && result.code === 0;
        if (takes && !isTaking) logger.info('the collector takes spans again');
        // Of Node (ECONNREFUSED) or HTTP (401); none where it did not answer in time.
        if (!takes && isTaking) logger.warn({ code: codeOf(error) }, 'the collector takes no spans');
        isTaking = takes;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
