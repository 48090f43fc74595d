import type { Variables } from '../config/variables.ts';
import type { Directus } from '../directus/directus.ts';
import { directusDefaults } from '../directus/directus-defaults.ts';
import { createFeed, type Feed, type FeedParts } from './feed.ts';

export type FeedOutside = Pick<FeedParts, 'onChange' | 'logger'> & {
  readonly create?: typeof createFeed | undefined;
  readonly heartbeatMs?: number | undefined;
};

/** The feed of changes; undefined where there is no service token for it. */
export function feedOf(
  { DIRECTUS_URL: url, DIRECTUS_TOKEN: token }: Pick<Variables, 'DIRECTUS_URL' | 'DIRECTUS_TOKEN'>,
  { hasPolicies, readServicePermissions: readPermissions }: Directus,
  { create = createFeed, heartbeatMs = directusDefaults.feedHeartbeatMs, onChange, logger }: FeedOutside,
): Feed | undefined {
  if (token === undefined || readPermissions === undefined) return undefined;
  return create({ url, token, hasPolicies, readPermissions, heartbeatMs, onChange, logger });
}
