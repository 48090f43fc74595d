import type { Logger } from 'pino';
import type { Variables } from '../config/variables.ts';
import { connectDirectus } from '../directus/directus.ts';
import { directusDefaults } from '../directus/directus-defaults.ts';
import type { Concerned } from '../feed/concerned.ts';
import type { Feed } from '../feed/feed.ts';
import { feedOf } from '../feed/feed-of.ts';
import { createBreakers } from '../stream/breakers.ts';

/** The feed of changes for all workers; undefined where there is no token for it. */
export function createPrimaryFeed(
  variables: Pick<Variables, 'DIRECTUS_URL' | 'DIRECTUS_TOKEN'>,
  logger: Logger,
  onChange: (concerned: Concerned) => void,
): Feed | undefined {
  const { DIRECTUS_URL: url, DIRECTUS_TOKEN: serviceToken } = variables;
  const { timeoutMs, breaker: breakerLimits } = directusDefaults;
  const breaker = createBreakers(breakerLimits, logger).ofDirectus();
  const directus = connectDirectus({ url, timeoutMs, serviceToken, breaker });
  return feedOf(variables, directus, { onChange, logger });
}
