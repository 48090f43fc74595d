import type { Registry } from 'prom-client';
import type { RememberedCounts } from '../authenticate/remember.ts';
import type { LimitStore } from '../limit/limit-store.ts';
import { breakerStates } from '../stream/breaker.ts';
import { nameOfDirectus } from '../upstreams/own-routes.ts';
import type { GatewayState } from './metrics.ts';
import { type Reading, registerCounter, registerGauge } from './readings.ts';

/** What the limits have counted since the start. */
export function registerLimits(registry: Registry, { counts }: Pick<LimitStore, 'counts'>): void {
  registerCounter(registry, {
    name: 'limited_total',
    help: 'Requests that were refused since there were too many, by what there was too much of.',
    labelNames: ['what'],
    read: () => Object.entries(counts.refused).map(([what, count]): Reading<'what'> => [{ what }, count]),
  });
  registerCounter(registry, {
    name: 'budgets_total',
    help: 'Requests to rules with a budget: spent, returned (spent, and given back), refused, unknown (refused since it could not be told).',
    labelNames: ['upstream', 'rule', 'result'],
    read: () =>
      [...counts.budgets.values()].flatMap(({ upstream, rule, ...results }) =>
        Object.entries(results).map(
          ([result, count]): Reading<'upstream' | 'rule' | 'result'> => [{ upstream, rule, result }, count],
        ),
      ),
  });
  registerCounter(registry, {
    name: 'redis_failures_total',
    help: 'Questions that Redis has not answered in time, or not as asked.',
    labelNames: [],
    read: () => [[{}, counts.redis.failures]],
  });
  registerCounter(registry, {
    name: 'rates_counted_alone_total',
    help: 'Rates that a process has counted by itself while Redis was gone.',
    labelNames: [],
    read: () => [[{}, counts.redis.ratesFromMemory]],
  });
}

/** What became of questions about callers. */
export function registerRemembered(registry: Registry, remembered: RememberedCounts): void {
  registerCounter(registry, {
    name: 'remembered_total',
    help: 'Questions about a caller: answered from memory (hit), by Directus (miss), or refused from memory (refused).',
    labelNames: ['result'],
    read: () => Object.entries(remembered).map(([result, count]): Reading<'result'> => [{ result }, count]),
  });
}

/** The state of a gateway; undefined before there is one. */
type Current = () => GatewayState | undefined;

/** What is under way at the moment. */
export function registerOpen(
  registry: Registry,
  { openRequests }: Pick<LimitStore, 'openRequests'>,
  current: Current,
): void {
  registerGauge(registry, {
    name: 'open_requests',
    help: 'Requests under way to an upstream, or to Directus through the front door (directus). WebSockets are left out.',
    labelNames: ['upstream'],
    together: 'sum',
    read: () => {
      const { upstreams = [], tunnels } = current() ?? {};
      const counts = upstreams.map((upstream): Reading<'upstream'> => [{ upstream }, openRequests.count(upstream)]);
      return tunnels === undefined
        ? counts
        : [...counts, [{ upstream: nameOfDirectus }, openRequests.countFrontDoor()]];
    },
  });
  registerGauge(registry, {
    name: 'open_tunnels',
    help: 'WebSockets between callers and Directus, handshakes included. Absent without FRONT_DOOR.',
    labelNames: [],
    together: 'sum',
    read: () => {
      const tunnels = current()?.tunnels;
      return tunnels === undefined ? [] : [[{}, tunnels.count()]];
    },
  });
}

/** How things stand at the moment. */
export function registerState(registry: Registry, current: Current): void {
  registerGauge(registry, {
    name: 'remembered_entries',
    help: 'Answers of Directus about callers that are kept, refusals included.',
    labelNames: [],
    together: 'sum',
    read: () => [[{}, current()?.remembered() ?? 0]],
  });
  registerGauge(registry, {
    name: 'breaker_state',
    help: 'The breaker of Directus and of each upstream: 0 closed, 1 half-open, 2 open.',
    labelNames: ['name'],
    together: 'max',
    read: () =>
      Object.entries(current()?.breakers() ?? {}).map(
        ([name, state]): Reading<'name'> => [{ name }, breakerStates.indexOf(state)],
      ),
  });
  registerCounter(registry, {
    name: 'audit_items_total',
    help: 'Items about writes: written to Directus, or logged instead, since too many were waiting (full), Directus refused them (refused) or the process ended (stopped). Absent without AUDIT_COLLECTION.',
    labelNames: ['outcome'],
    read: () =>
      Object.entries(current()?.audit?.counts ?? {}).map(
        ([outcome, count]): Reading<'outcome'> => [{ outcome }, count],
      ),
  });
  registerGauge(registry, {
    name: 'audit_waiting',
    help: 'Items about writes that wait for Directus. Absent without AUDIT_COLLECTION.',
    labelNames: [],
    together: 'sum',
    read: () => {
      const audit = current()?.audit;
      return audit === undefined ? [] : [[{}, audit.waiting()]];
    },
  });
  const ofFeed = (name: string, help: string, is: (feed: NonNullable<GatewayState['feed']>) => boolean): void =>
    registerGauge(registry, {
      name,
      help,
      labelNames: [],
      together: 'min',
      read: () => {
        const feed = current()?.feed;
        return feed === undefined ? [] : [[{}, Number(is(feed))]];
      },
    });
  ofFeed(
    'feed_live',
    'Whether changes in Directus are heard of (1) or not (0). Absent without DIRECTUS_TOKEN.',
    (feed) => feed.isLive(),
  );
  ofFeed(
    'feed_complete',
    'Whether every change is heard of, logouts included. Absent without DIRECTUS_TOKEN.',
    (feed) => feed.isComplete(),
  );
}
