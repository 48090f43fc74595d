import { collectDefaultMetrics, Registry } from 'prom-client';
import { createRememberedCounts } from '../authenticate/remember.ts';
import type { LimitStore } from '../limit/limit-store.ts';
import type { GatewayState, OwnMetrics } from './metrics.ts';
import { createRequestMetrics } from './request-metrics.ts';
import { registerLimits, registerOpen, registerRemembered, registerState } from './state-metrics.ts';

/** The metrics of this process, in a registry of their own. */
export function createMetrics(limitStore: Pick<LimitStore, 'counts' | 'openRequests'>): OwnMetrics {
  const registry = new Registry();
  const remembered = createRememberedCounts();
  let state: GatewayState | undefined;

  const observe = createRequestMetrics(registry);
  registerLimits(registry, limitStore);
  registerRemembered(registry, remembered);
  registerOpen(registry, limitStore, () => state);
  registerState(registry, () => state);
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);

  return {
    observe,
    remembered,
    show: (next) => {
      state = next;
    },
    read: () => registry.metrics(),
    measure: () => registry.getMetricsAsJSON(),
  };
}

/** Gauges with the name of a counter, which Prometheus' own checker refuses; each is there without `_total`, by type. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];
