import type { Logger } from 'pino';
import type { Variables } from '../config/variables.ts';
import { connectDirectus } from '../directus/directus.ts';
import { directusDefaults } from '../directus/directus-defaults.ts';
import type { Concerned } from '../feed/concerned.ts';
import { createFeed, type Feed } from '../feed/feed.ts';
import { createBreakers } from '../stream/breakers.ts';

/** The feed of changes for all workers; undefined where there is no token for it. */
export function createPrimaryFeed(
  { DIRECTUS_URL: url, DIRECTUS_TOKEN: token }: Pick<Variables, 'DIRECTUS_URL' | 'DIRECTUS_TOKEN'>,
  logger: Logger,
  onChange: (concerned: Concerned) => void,
): Feed | undefined {
  if (token === undefined) return undefined;
  const { timeoutMs, feedHeartbeatMs: heartbeatMs } = directusDefaults;
  const breaker = createBreakers(directusDefaults.breaker, logger).ofDirectus();
  const { hasPolicies, readServicePermissions } = connectDirectus({ url, timeoutMs, serviceToken: token, breaker });
  if (readServicePermissions === undefined) return undefined;
  return createFeed({
    url,
    token,
    hasPolicies,
    readPermissions: readServicePermissions,
    heartbeatMs,
    onChange,
    logger,
  });
}
