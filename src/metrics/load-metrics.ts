import type { Variables } from '../config/variables.ts';
import type { LimitStore } from '../limit/limit-store.ts';
import type { OwnMetrics } from './metrics.ts';

/** The metrics of this process where they are on. What they are made with is loaded only then. */
export async function loadMetrics(
  { METRICS_ENABLED }: Pick<Variables, 'METRICS_ENABLED'>,
  limitStore: LimitStore,
): Promise<OwnMetrics | undefined> {
  if (!METRICS_ENABLED) return undefined;
  const { createMetrics } = await import('./create-metrics.ts');
  return createMetrics(limitStore);
}
