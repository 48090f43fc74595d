import { createApp } from '../../src/app.ts';
import { createAuthenticator } from '../../src/authenticate/authenticate.ts';
import { readVariables } from '../../src/config/read-variables.ts';
import { Secret } from '../../src/config/secret.ts';
import { connectDirectus } from '../../src/directus/directus.ts';
import { createFeed } from '../../src/feed/feed.ts';
import { gateway } from '../../src/gateway.ts';
import { streamTo } from '../../src/stream/stream.ts';
import { stripe } from '../../src/upstreams/stripe.ts';
import { type RunningGateway, startApp } from './start-gateway.ts';

export type PublicGatewayParts = {
  readonly directusUrl: string;
  readonly serviceToken: string;
  readonly stripeUrl: string;
  readonly stripeKey: string;
};

/**
 * A gateway whose routes at Stripe's own API take callers without a token too, which no variable can say. It remembers
 * for five minutes.
 */
export function startPublicGateway(parts: PublicGatewayParts): Promise<RunningGateway> {
  const { directusUrl: url, serviceToken, stripeUrl: origin, stripeKey } = parts;
  const declared = stripe({ origin, secretKey: new Secret(stripeKey, origin), customersCollection: 'customers' });
  const rules = declared.rules.map((rule) => ('deny' in rule ? rule : { ...rule, public: true }));
  const upstream = { ...declared, rules };
  const upstreams = new Map([[upstream.name, { upstream, stream: streamTo(upstream) }]]);
  const directus = connectDirectus({ url, timeoutMs: 10_000, serviceToken });
  const { authenticate, forget } = createAuthenticator({
    directus,
    collections: ['customers'],
    ttlMs: () => 300_000,
    now: Date.now,
  });
  const variables = readVariables({ DIRECTUS_URL: url }, () => '');
  return startApp((logger) => {
    const feed = createFeed({
      url,
      token: serviceToken,
      hasPolicies: directus.hasPolicies,
      readPermissions: directus.readServicePermissions ?? serviceTokenMissing,
      heartbeatMs: 10_000,
      onChange: forget,
      logger,
    });
    const app = createApp({
      variables,
      logger,
      upstreams,
      health: (_request, response) => response.json({ checks: { feed: feed.isLive() ? 'ok' : 'error' } }),
      explain: (_request, response) => response.end(),
      gateway: gateway({
        upstreams,
        operations: new Map(),
        directus,
        authenticate,
        sessionCookieName: variables.SESSION_COOKIE_NAME,
        ownSites: { publicOrigin: undefined, listed: [] },
        maxBytes: variables.MAX_PAYLOAD_SIZE,
        clock: () => performance.now(),
      }),
    });
    return { app, start: feed.start, stop: feed.stop };
  });
}

function serviceTokenMissing(): never {
  throw new Error('There is no service token.');
}
