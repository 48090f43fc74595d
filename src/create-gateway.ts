import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { type Authenticate, createAuthenticator } from './authenticate/authenticate.ts';
import type { Variables } from './config/variables.ts';
import { connectDirectus } from './directus/directus.ts';
import { explainRoute } from './edge/explain-route.ts';
import { health } from './edge/health.ts';
import { createExplain, type Explain } from './explain.ts';
import { createFeed, type Feed } from './feed/feed.ts';
import { gateway } from './gateway.ts';
import { stripeOperations } from './operations/stripe.ts';
import { streamTo } from './stream/stream.ts';
import { stripeSettings, twilioSettings } from './upstreams/settings.ts';
import { stripe } from './upstreams/stripe.ts';
import { twilio } from './upstreams/twilio.ts';
import type { Upstream } from './upstreams/upstream.ts';

export type Outside = {
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly isStopping: () => boolean;
  readonly limits?: Partial<Limits>;
};

/** In milliseconds. */
export type Limits = {
  /** Until an answer of Directus must be complete. */
  readonly directusTimeoutMs: number;
  /** Replaces every upstream's own. */
  readonly firstByteTimeoutMs: number;
  /** Between two pings of the feed of changes. */
  readonly feedHeartbeatMs: number;
};

export type Gateway = {
  readonly app: Express;
  readonly authenticate: Authenticate;
  readonly explain: Explain;
  /** Begins to listen to Directus, where there is a token for it. */
  start(): void;
  stop(): void;
};

/** Builds the whole gateway, once, from what varies. Opens no connection before it is started. */
export function createGateway(variables: Variables, { logger, now, isStopping, limits = {} }: Outside): Gateway {
  const stripeIs = stripeSettings(variables);
  const twilioIs = twilioSettings(variables);
  const declared: Upstream[] = [];
  if (stripeIs !== undefined) declared.push(stripe(stripeIs));
  if (twilioIs !== undefined) declared.push(twilio(twilioIs));

  const { DIRECTUS_URL: url, DIRECTUS_TOKEN: serviceToken, CORS_ENABLED, CORS_ORIGIN, PUBLIC_URL } = variables;
  const connected = declared.map((upstream) => {
    const { firstByteTimeoutMs = upstream.firstByteTimeoutMs } = limits;
    return { upstream, stream: streamTo({ ...upstream, firstByteTimeoutMs }) };
  });
  const upstreams = new Map(connected.map((each) => [each.upstream.name, each]));
  const directus = connectDirectus({ url, timeoutMs: limits.directusTimeoutMs ?? directusTimeoutMs, serviceToken });
  const { authenticate, forget } = createAuthenticator({
    directus,
    collections: collectionsOf(declared),
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

  const app = createApp({
    variables,
    logger,
    upstreams,
    health: health({ directus, isStopping, now, feed }),
    explain: explainRoute({ explain, authenticate, sessionCookieName: variables.SESSION_COOKIE_NAME, now }),
    gateway: gateway({
      upstreams,
      operations: stripeIs === undefined ? new Map() : stripeOperations({ settings: stripeIs, directus }),
      directus,
      authenticate,
      sessionCookieName: variables.SESSION_COOKIE_NAME,
      ownSites: {
        publicOrigin: PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL).origin,
        listed: CORS_ENABLED && Array.isArray(CORS_ORIGIN) ? CORS_ORIGIN : [],
      },
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
    start: () => {
      if (feed !== undefined) feed.start();
      else warnOfDirectus10().catch((error: unknown) => logger.warn({ err: error }, 'Directus does not answer yet'));
    },
    stop: () => feed?.stop(),
  };
}

const directusTimeoutMs = 10_000;
const feedHeartbeatMs = 10_000;

/** Milliseconds for which an answer is remembered when every change is heard of, and when it is not. */
const longTtlMs = 300_000;
const shortTtlMs = 10_000;

function timeToLive(wantedMs: number | undefined, feed: Feed | undefined): number {
  if (feed === undefined) return wantedMs ?? shortTtlMs;
  return feed.isComplete() ? (wantedMs ?? longTtlMs) : Math.min(wantedMs ?? shortTtlMs, shortTtlMs);
}

const collectionsOf = (upstreams: readonly Upstream[]): string[] => [
  ...new Set(upstreams.flatMap(({ rules }) => rules.flatMap((rule) => ('deny' in rule ? [] : [rule.collection])))),
];
