import { hash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { requireAddress } from '../authenticate/require-address.ts';
import { isAdmin } from '../authorize/is-admin.ts';
import type { Directus } from '../directus/directus.ts';
import { forbidden } from '../errors/gateway-error.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type IdentifyParts, identify } from './identify.ts';

export type MetricsRouteParts = IdentifyParts & {
  readonly metrics: Pick<Metrics, 'read'>;
  /** METRICS_TOKENS; without it, administrators may read them. */
  readonly tokens: readonly string[] | undefined;
  readonly directus: Pick<Directus, 'readPermissions'>;
};

/** `GET /metrics`, in Prometheus' text format. */
export function metricsRoute(parts: MetricsRouteParts): RequestHandler {
  const { metrics, tokens } = parts;
  const requireReader = tokens === undefined ? requireAdmin(parts) : requireToken(tokens, parts);
  return async (request, response) => {
    await requireReader(request);
    const text = await metrics.read();
    response
      .set('Cache-Control', 'no-store')
      .set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
      .send(text);
  };
}

/** `Authorization: Metrics <token>`, as in Directus. Only who has none is counted: a scrape must succeed under load. */
function requireToken(tokens: readonly string[], { limit }: Pick<MetricsRouteParts, 'limit'>) {
  const digests = tokens.map(digestOf);
  return async ({ headers: { authorization = '' }, ip }: Request): Promise<void> => {
    const [, given = ''] = /^metrics (\S+)$/i.exec(authorization) ?? [];
    const digest = digestOf(given);
    const isKnown = digests.filter((each) => timingSafeEqual(each, digest)).length > 0; // looks at all of them
    if (given !== '' && isKnown) return;
    await limit.address(requireAddress(ip));
    throw forbidden('metrics_token');
  };
}

/** All of one length, and no prefix of one says anything of the token. */
const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer');

function requireAdmin({ directus, ...parts }: MetricsRouteParts) {
  return async (request: Request): Promise<void> => {
    const { asker } = await identify(request, parts);
    // Asked anew: what is remembered is only what rules speak of.
    if (!isAdmin(await directus.readPermissions(asker))) throw forbidden('not_admin');
  };
}
