import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { type Authenticate, createAuthenticator } from './authenticate/authenticate.ts';
import { governingCollections } from './authorize/governing-collections.ts';
import { createMatchRule } from './authorize/match-rule.ts';
import type { Directus } from './directus/directus.ts';
import { connectDirectus } from './directus/directus.ts';
import { explainRoute } from './edge/explain-route.ts';
import { health } from './edge/health.ts';
import { createExplain, type Explain } from './explain.ts';
import { createFeed, type Feed } from './feed/feed.ts';
import { claimsOf } from './front-door/claims.ts';
import { createFrontDoor } from './front-door/front-door.ts';
import { createOpenTunnels, type OpenTunnels } from './front-door/open-tunnels.ts';
import { gateway } from './gateway.ts';
import { createLimit } from './limit/limit.ts';
import { createLimitStore, type LimitStore } from './limit/limit-store.ts';
import { stripeOperations } from './operations/stripe.ts';
import type { Setup } from './read-setup.ts';
import type { Connected, Upstreams } from './route/find-upstream.ts';
import type { Upgrades } from './server.ts';
import { streamTo } from './stream/stream.ts';
import type { Upstream } from './upstreams/upstream.ts';

export type Outside = {
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly isStopping: () => boolean;
  readonly limits?: Partial<Limits>;
  /** Where tunnels are kept that outlive this gateway; its own when left out. */
  readonly tunnels?: OpenTunnels;
  /** What has been spent, and what is under way; its own when left out. */
  readonly limitStore?: LimitStore;
};

/** In milliseconds. */
export type Limits = {
  /** Until an answer of Directus must be complete. */
  readonly directusTimeoutMs: number;
  /** Replaces every upstream's own. */
  readonly firstByteTimeoutMs: number;
  /** Between two pings of the feed of changes. */
  readonly feedHeartbeatMs: number;
  /** Until Directus begins to answer a request that came through the front door. */
  readonly frontDoorMs: number;
  /** Until Directus has answered a WebSocket's handshake. */
  readonly handshakeMs: number;
};

export type Gateway = {
  readonly app: Express;
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
  const { logger, now, isStopping, limits = {}, tunnels = createOpenTunnels() } = outside;
  const { variables } = setup;
  const limitStore = outside.limitStore ?? createLimitStore({ variables, logger, now });
  const limit = createLimit(variables, limitStore, now);
  const { DIRECTUS_URL: url, DIRECTUS_TOKEN: serviceToken, CORS_ENABLED, CORS_ORIGIN, PUBLIC_URL } = variables;
  const directus = connectDirectus({ url, timeoutMs: limits.directusTimeoutMs ?? directusTimeoutMs, serviceToken });
  const upstreams = connect(setup.upstreams, directus, limits.firstByteTimeoutMs);
  const { authenticate, forget } = createAuthenticator({
    directus,
    guard: limit.tokens,
    isGoverning: governingCollections(setup.upstreams.flatMap(({ rules }) => rules)),
    ttlMs: () => timeToLive(variables.PERMISSIONS_TTL, feed),
    now,
  });
  const { hasPolicies, readServicePermissions } = directus;
  const feed: Feed | undefined =
    serviceToken === undefined || readServicePermissions === undefined
      ? undefined
      : createFeed({
          url,
          token: serviceToken,
          hasPolicies,
          readPermissions: readServicePermissions,
          heartbeatMs: limits.feedHeartbeatMs ?? feedHeartbeatMs,
          onChange: forget,
          logger,
        });
  const explain = createExplain({ upstreams, directus });

  const frontDoor = variables.FRONT_DOOR
    ? createFrontDoor({
        directusUrl: url,
        claims: claimsOf(upstreams),
        tunnels,
        clock: () => performance.now(),
        firstByteMs: limits.frontDoorMs,
        handshakeMs: limits.handshakeMs,
      })
    : undefined;

  const app = createApp({
    variables,
    logger,
    upstreams,
    health: health({ directus, isStopping, now, feed }),
    explain: explainRoute({ explain, authenticate, limit, sessionCookieName: variables.SESSION_COOKIE_NAME, now }),
    frontDoor: frontDoor?.handle,
    gateway: gateway({
      upstreams,
      directus,
      authenticate,
      limit,
      sessionCookieName: variables.SESSION_COOKIE_NAME,
      ownSites: {
        publicOrigin: PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL).origin,
        listed: CORS_ENABLED && Array.isArray(CORS_ORIGIN) ? CORS_ORIGIN : [],
      },
      publicUrl: PUBLIC_URL,
      maxBytes: variables.MAX_PAYLOAD_SIZE,
      clock: () => performance.now(),
    }),
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
      if (feed !== undefined) feed.start();
      else warnOfDirectus10().catch((error: unknown) => logger.warn({ err: error }, 'Directus does not answer yet'));
    },
    stop: () => {
      feed?.stop();
      frontDoor?.close();
      for (const { close } of upstreams.byName.values()) close();
      if (outside.limitStore === undefined) limitStore.close();
    },
  };
}

const noUpgrades: Upgrades = { accepts: () => false, announce: () => undefined };

const directusTimeoutMs = 10_000;
const feedHeartbeatMs = 10_000;

/** Milliseconds for which an answer is remembered when every change is heard of, and when it is not. */
const longTtlMs = 300_000;
const shortTtlMs = 10_000;

function timeToLive(wantedMs: number | undefined, feed: Feed | undefined): number {
  if (feed === undefined) return wantedMs ?? shortTtlMs;
  return feed.isComplete() ? (wantedMs ?? longTtlMs) : Math.min(wantedMs ?? shortTtlMs, shortTtlMs);
}

/** The way to each upstream. @param firstByteMs replaces each one's own */
function connect(declared: readonly Upstream[], directus: Directus, firstByteMs: number | undefined): Upstreams {
  const connected = declared.map((given): Connected => {
    const upstream = firstByteMs === undefined ? given : { ...given, limits: { ...given.limits, firstByteMs } };
    const { stream, close } = streamTo(upstream);
    return {
      upstream,
      matchRule: createMatchRule(upstream),
      stream,
      close,
      operations: hasOperations(upstream) ? stripeOperations({ upstream, directus }) : new Map(),
    };
  });
  return {
    byName: new Map(connected.map((each) => [each.upstream.name, each])),
    byHostname: new Map(
      connected.flatMap((each) => each.upstream.hostnames.map((hostname) => [hostname, each] as const)),
    ),
  };
}

const hasOperations = ({ rules }: Upstream): boolean => rules.some((rule) => 'operation' in rule);
