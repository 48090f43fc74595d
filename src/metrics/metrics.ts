import type { AuditStore } from '../audit/audit-store.ts';
import type { RememberedCounts } from '../authenticate/remember.ts';
import type { Feed } from '../feed/feed.ts';
import type { OpenTunnels } from '../front-door/open-tunnels.ts';
import type { OnEnd } from '../log/when-ended.ts';
import type { BreakerState } from '../stream/breaker.ts';

/** What is measured, for Prometheus. It outlives a set-up that is read anew, or counters would begin again. */
export type Metrics = {
  readonly observe: OnEnd;
  readonly remembered: RememberedCounts;
  /** From now on the state that is told is this one. */
  show(state: GatewayState): void;
  /**
   * Everything, in Prometheus' text format 0.0.4.
   * @throws GatewayError SERVICE_UNAVAILABLE when a part of it is missing: half a sum would look like a restart
   */
  read(): Promise<string>;
};

/** What is looked at only when somebody reads. */
export type GatewayState = {
  readonly upstreams: readonly string[];
  /** Of Directus, and of each upstream by its name. */
  readonly breakers: () => Readonly<Record<string, BreakerState>>;
  readonly feed: Pick<Feed, 'isLive' | 'isComplete'> | undefined;
  /** How many answers of Directus are remembered. */
  readonly remembered: () => number;
  /** Where writes are noted. */
  readonly audit: Pick<AuditStore, 'counts' | 'waiting'> | undefined;
  /** Of the front door, where there is one. */
  readonly tunnels: Pick<OpenTunnels, 'count'> | undefined;
};

/** What one process has measured, as another can add it to its own. */
export type Measures = readonly object[];

/** Metrics that know of this process alone. */
export type OwnMetrics = Metrics & { measure(): Promise<Measures> };
