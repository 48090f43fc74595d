import { readPairs } from '../config/pairs.ts';
import type { Variables } from '../config/variables.ts';

export type SamplerSettings = {
  readonly name: Variables['OTEL_TRACES_SAMPLER'];
  /** Between 0 and 1. */
  readonly ratio: number;
};

export type TracingSettings = {
  /** Where spans are posted to. */
  readonly url: string;
  /** Hold the collector's credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: SamplerSettings;
};

export type TracingVariables = Pick<Variables, Extract<keyof Variables, `OTEL_${string}`>>;

/**
 * What the variables of OpenTelemetry say; undefined where nothing is to be told. Only a word turns it on: an endpoint,
 * or OTEL_TRACES_EXPORTER, whose default elsewhere is to export to this machine.
 */
export function tracingSettings(variables: TracingVariables): TracingSettings | undefined {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT: base } = variables;
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = variables;
  const isWanted = OTEL_TRACES_EXPORTER === 'otlp' || (OTEL_TRACES_EXPORTER === undefined && (own ?? base));
  if (OTEL_SDK_DISABLED || !isWanted) return undefined;
  return {
    url: own ?? `${base ?? 'http://localhost:4318'}/v1/traces`,
    headers: {
      ...pairs(variables.OTEL_EXPORTER_OTLP_HEADERS),
      ...pairs(variables.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
    },
    resource: {
      'service.name': 'directus-gateway',
      ...pairs(variables.OTEL_RESOURCE_ATTRIBUTES),
      ...(variables.OTEL_SERVICE_NAME !== undefined && { 'service.name': variables.OTEL_SERVICE_NAME }),
    },
    sampler: { name: variables.OTEL_TRACES_SAMPLER, ratio: variables.OTEL_TRACES_SAMPLER_ARG },
  };
}

const pairs = (text: string | undefined): Record<string, string> =>
  Object.fromEntries(text === undefined ? [] : (readPairs(text) ?? []));
