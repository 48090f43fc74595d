import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { authenticator } from './authenticate/authenticate.ts';
import type { Variables } from './config/variables.ts';
import { connectDirectus } from './directus/directus.ts';
import { health } from './edge/health.ts';
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
};

/** Builds the whole gateway, once, from what varies. Opens no connection. */
export function createGateway(variables: Variables, { logger, now, isStopping }: Outside): Express {
  const stripeIs = stripeSettings(variables);
  const twilioIs = twilioSettings(variables);
  const declared: Upstream[] = [];
  if (stripeIs !== undefined) declared.push(stripe(stripeIs));
  if (twilioIs !== undefined) declared.push(twilio(twilioIs));

  const upstreams = new Map(declared.map((upstream) => [upstream.name, { upstream, stream: streamTo(upstream) }]));
  const directus = connectDirectus({ url: variables.DIRECTUS_URL, timeoutMs: directusTimeoutMs });
  const { CORS_ENABLED, CORS_ORIGIN, PUBLIC_URL } = variables;

  return createApp({
    variables,
    logger,
    upstreams,
    health: health({ directus, isStopping, now }),
    gateway: gateway({
      upstreams,
      operations: stripeIs === undefined ? new Map() : stripeOperations(stripeIs, variables.MAX_PAYLOAD_SIZE),
      authenticate: authenticator({ directus, permissionsTtlMs: variables.PERMISSIONS_TTL, now }),
      sessionCookieName: variables.SESSION_COOKIE_NAME,
      ownSites: {
        publicOrigin: PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL).origin,
        listed: CORS_ENABLED && Array.isArray(CORS_ORIGIN) ? CORS_ORIGIN : [],
      },
      maxBytes: variables.MAX_PAYLOAD_SIZE,
      clock: () => performance.now(),
    }),
  });
}

const directusTimeoutMs = 10_000;
