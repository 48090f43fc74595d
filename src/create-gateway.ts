import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { auditOf } from './audit/audit-of.ts';
import type { AuditStore } from './audit/audit-store.ts';
import { type Authenticate, createAuthenticator } from './authenticate/authenticate.ts';
import { rememberedMs } from './authenticate/remembered-ms.ts';
import { governingCollections } from './authorize/governing-collections.ts';
import { isPublic } from './authorize/match-rule.ts';
import type { Variables } from './config/variables.ts';
import { connectUpstreams } from './connect-upstreams.ts';
import { connectDirectus } from './directus/directus.ts';
import { directusDefaults } from './directus/directus-defaults.ts';
import { explainRoute } from './edge/explain-route.ts';
import { health } from './edge/health.ts';
import { metricsRoute } from './edge/metrics-route.ts';
import { pageRoute } from './edge/page-route.ts';
import { specsRoute } from './edge/specs-route.ts';
import { unknownRoute } from './edge/unknown-route.ts';
import { createExplain, type Explain } from './explain.ts';
import type { CreateFeed, Feed } from './feed/feed.ts';
import { feedOf } from './feed/feed-of.ts';
import { claimsOf } from './front-door/claims.ts';
import { createFrontDoor } from './front-door/front-door.ts';
import { createOpenTunnels, type OpenTunnels } from './front-door/open-tunnels.ts';
import { gateway } from './gateway.ts';
import { createLimit, type Limit } from './limit/limit.ts';
import type { LimitStore } from './limit/limit-store.ts';
import type { GatewayState, Metrics } from './metrics/metrics.ts';
import type { Setup } from './read-setup.ts';
import type { Upgrades } from './server.ts';
import { createDescribeApi } from './specs/describe-api.ts';
import type { BreakerLimits } from './stream/breaker.ts';
import { createBreakers } from './stream/breakers.ts';
import { createSuggest } from './suggest/suggest.ts';
import { passingOn, type Tracing } from './tracing/tracing.ts';
import { nameOfDirectus } from './upstreams/own-routes.ts';
import type { Upstream } from './upstreams/upstream.ts';

export type Outside = {
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly isStopping: () => boolean;
  readonly limits?: Partial<Limits>;
  /** Where tunnels are kept that outlive this gateway; its own when left out. */
  readonly tunnels?: OpenTunnels;
  /** What has been spent, and what is under way. It outlives this gateway. */
  readonly limitStore: LimitStore;
  /** The feed of changes, where there is a token for it; one of its own when left out. */
  readonly createFeed?: CreateFeed;
  /** What is measured; nothing is when left out. It outlives this gateway. */
  readonly metrics?: Metrics | undefined;
  /** Where requests stand in traces is only passed on when it is left out. It outlives this gateway. */
  readonly tracing?: Tracing | undefined;
  /** Where writes are noted, with AUDIT_COLLECTION; they are not when left out. It outlives this gateway. */
  readonly audit?: AuditStore | undefined;
};

/** In milliseconds, where it does not say otherwise. */
export type Limits = {
  /** Until an answer of Directus must be complete. */
  readonly directusTimeoutMs: number;
  /** Replace every upstream's own. */
  readonly upstream: Partial<Upstream['limits']>;
  /** Of Directus, and of each origin of an upstream. */
  readonly breaker: BreakerLimits;
  /** Between two pings of the feed of changes. */
  readonly feedHeartbeatMs: number;
  /** Until Directus begins to answer a request that came through the front door. */
  readonly frontDoorMs: number;
  /** Until Directus has answered a WebSocket's handshake. */
  readonly handshakeMs: number;
  /** In which a caller takes nothing of an answer of the gateway's own. */
  readonly readerStillMs: number;
};

export type Gateway = {
  readonly app: RequestListener;
  readonly authenticate: Authenticate;
  readonly explain: Explain;
  /** What the front door, where there is one, makes of offers to change the protocol. */
  readonly upgrades: Upgrades;
  /** Begins to listen to Directus, where there is a token for it. */
  start(): void;
  /** Lets go of what it keeps open. Requests under way end in their own time. */
  stop(): void;
};

/** Builds the whole gateway, once, from what varies. Opens no connection before it is started. */
export function createGateway(setup: Setup, outside: Outside): Gateway {
  const {
    logger,
    now,
    isStopping,
    limitStore,
    limits = {},
    tunnels = createOpenTunnels(),
    metrics,
    tracing = passingOn,
  } = outside;
  const { variables } = setup;
  const limit = createLimit(variables, limitStore, now);
  const { DIRECTUS_URL: url, DIRECTUS_TOKEN: serviceToken, CORS_ENABLED, CORS_ORIGIN, PUBLIC_URL } = variables;
  const timeoutMs = limits.directusTimeoutMs ?? directusDefaults.timeoutMs;
  const breakers = createBreakers(limits.breaker ?? directusDefaults.breaker, logger);
  const directusBreaker = breakers.ofDirectus();
  const directus = connectDirectus({
    url,
    timeoutMs,
    serviceToken,
    breaker: directusBreaker,
  });
  const { upstreams, breakerStates } = connectUpstreams(setup.upstreams, {
    directus,
    breakers,
    replaced: limits.upstream ?? {},
  });
  const { authenticate, forget, entries } = createAuthenticator({
    directus,
    guard: limit.tokens,
    isGoverning: governingCollections(setup.upstreams.flatMap(({ rules }) => rules)),
    ttlMs: () => rememberedMs(variables.PERMISSIONS_TTL, heardOf(feed)),
    counts: metrics?.remembered,
    now,
  });
  const feed = feedOf(variables, directus, {
    create: outside.createFeed,
    heartbeatMs: limits.feedHeartbeatMs,
    onChange: forget,
    logger,
  });
  const audit = auditOf(variables, { store: outside.audit, now, timeoutMs });
  const ways = [...upstreams.byName.values()];
  const suggest = createSuggest(ways, ownRoutesFor(variables));
  const explain = createExplain({ upstreams, directus, suggest });
  const state: GatewayState = {
    upstreams: [...upstreams.byName.keys()],
    breakers: () => ({ [nameOfDirectus]: directusBreaker.state(), ...breakerStates() }),
    feed,
    remembered: entries,
    audit: audit.store,
    tunnels: variables.FRONT_DOOR ? tunnels : undefined,
  };

  const frontDoor = variables.FRONT_DOOR
    ? createFrontDoor({
        directusUrl: url,
        claims: claimsOf(upstreams, metrics !== undefined),
        tunnels,
        openRequests: limitStore.openRequests,
        isTraced: tracing.isOn,
        clock,
        firstByteMs: limits.frontDoorMs,
        handshakeMs: limits.handshakeMs,
      })
    : undefined;

  const identifying = { authenticate, limit, sessionCookieName: variables.SESSION_COOKIE_NAME };
  const answer = gateway({
    ...identifying,
    upstreams,
    directus,
    noteWrite: audit.noteWrite,
    ownSites: {
      publicOrigin: PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL).origin,
      listed: CORS_ENABLED && Array.isArray(CORS_ORIGIN) ? CORS_ORIGIN : [],
    },
    publicUrl: PUBLIC_URL,
    maxBytes: variables.MAX_PAYLOAD_SIZE,
    suggest,
    clock,
  });
  const app = createApp({
    variables,
    logger,
    clock,
    upstreams,
    health: health({
      directus,
      breakers: state.breakers,
      isStopping,
      now,
      feed,
    }),
    explain: explainRoute({ ...identifying, explain, now }),
    metrics: metrics && {
      observe: metrics.observe,
      route: metricsRoute({ ...identifying, metrics, tokens: variables.METRICS_TOKENS, directus }),
    },
    tracing: tracing.of(PUBLIC_URL),
    specs: specsRoute({
      ...identifying,
      describeApi: createDescribeApi(ways, variables.SESSION_COOKIE_NAME),
      publicUrl: PUBLIC_URL,
      hasPublic:
        directus.readPublicPermissions !== undefined &&
        setup.upstreams.some(({ rules }) => rules.some((rule) => isPublic(rule))),
    }),
    readerStillMs: limits.readerStillMs,
    page: pageOf(variables, limit),
    frontDoor: frontDoor?.handle,
    gateway: answer,
    unknown: unknownRoute({ ...identifying, gateway: answer, suggest }),
  });
  const warnOfDirectus10 = async () => {
    if (!(await directus.hasPolicies()))
      logger.error('This is Directus 10, which needs DIRECTUS_TOKEN: nobody is let in');
  };
  return {
    app,
    authenticate,
    explain,
    upgrades: frontDoor?.upgrades ?? noUpgrades,
    start: () => {
      limitStore.start();
      metrics?.show(state);
      audit.start();
      if (feed !== undefined) feed.start();
      else warnOfDirectus10().catch((error: unknown) => logger.warn({ err: error }, 'Directus does not answer yet'));
    },
    stop: () => {
      feed?.stop();
      frontDoor?.close();
      for (const { close } of upstreams.byName.values()) close();
    },
  };
}

/** Milliseconds, for durations. */
const clock = (): number => performance.now();

/** Those of the gateway itself that any caller may use. */
const ownRoutesFor = ({ API_PAGE_ENABLED, FRONT_DOOR }: Setup['variables']): readonly string[] => [
  ...(API_PAGE_ENABLED ? ['/gateway/'] : []),
  '/gateway/explain',
  '/gateway/specs/oas',
  '/server/health',
  '/server/ping',
  ...(FRONT_DOOR ? [] : ['/server/specs/oas']),
];

const noUpgrades: Upgrades = { accepts: () => false, announce: () => undefined };

/** Behind the front door browsers reach Directus at the page's own address. */
const pageOf = ({ API_PAGE_ENABLED, FRONT_DOOR, DIRECTUS_PUBLIC_URL, DIRECTUS_URL }: Variables, limit: Limit) =>
  API_PAGE_ENABLED
    ? pageRoute({ limit, directusUrl: FRONT_DOOR ? undefined : (DIRECTUS_PUBLIC_URL ?? DIRECTUS_URL) })
    : undefined;

const heardOf = (feed: Feed | undefined) => (feed === undefined ? 'never' : feed.isComplete() ? 'now' : 'not now');
