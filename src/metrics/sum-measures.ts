import { AggregatorRegistry } from 'prom-client';
import type { Measures } from './metrics.ts';

/** What several processes have measured, as one text. */
export const sumMeasures = (all: readonly Measures[]): Promise<string> => aggregate(all).metrics();

/** Of what processes have measured that are gone: the counts, which must not fall. Gauges went with them. */
export async function sumCounts(all: readonly Measures[]): Promise<Measures> {
  const summed: Measures = await aggregate(all).getMetricsAsJSON();
  return summed.filter((metric) => 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram'));
}

const aggregate = (all: readonly Measures[]) => AggregatorRegistry.aggregate(all.map((each) => [...each]));
