import type { Call } from '../directus/call.ts';
import type { Directus } from '../directus/directus.ts';
import { halfReadable, type Watched, watchedCollections } from '../feed/watched.ts';
import { servicePolicyName } from '../init/policies.ts';
import { readVersion } from '../init/read-existing.ts';
import { type Check, checksOf, orFault } from './check.ts';
import { checkFeed } from './check-feed.ts';
import { checkForwardedAddress } from './check-forwarded-address.ts';

export type DirectusParts = {
  readonly url: string;
  readonly directus: Directus;
  /** DIRECTUS_TOKEN, and calls in its name. */
  readonly service: { readonly token: string; readonly call: Call } | undefined;
  /** Milliseconds for each check. */
  readonly timeoutMs: number;
};

const { ok, fault, off } = checksOf('directus');

/** Whether Directus answers, takes the service token, tells of changes, and trusts the address that is passed on. */
export async function checkDirectus({ url, directus, service, timeoutMs }: DirectusParts): Promise<Check[]> {
  const isThere = await directus.ping().catch(() => false);
  if (!isThere) return [fault('reachable', `nothing answers as Directus at ${url}`, 'See DIRECTUS_URL.')];
  const reachable = ok('reachable', `answers at ${url}`);
  const hasPolicies = await directus.hasPolicies().catch(() => undefined);
  if (hasPolicies === undefined) return [reachable, fault('version', 'its answers are not understood')];
  if (service === undefined) return [reachable, withoutToken(hasPolicies)];

  const { token, call } = service;
  const watched = watchedCollections(hasPolicies);
  const accepted = await orFault('directus', 'DIRECTUS_TOKEN', () => checkToken(directus, service, watched));
  if (accepted.status === 'fault') return [reachable, { advice: renewToken, ...accepted }];
  const [version, feed, address] = await Promise.all([
    orFault('directus', 'version', async () => ok('version', (await readVersion(call)) ?? 'is not told')),
    checkFeed({ url, token, watched, heartbeatMs: 2 * timeoutMs }, timeoutMs),
    hasPolicies
      ? orFault('directus', 'forwarded address', () => checkForwardedAddress(directus, token, call))
      : off(
          'forwarded address',
          'not told of Directus 10',
          'See IP_TRUST_PROXY there, if a role is bound to addresses.',
        ),
  ]);
  return [reachable, version, accepted, feed, address];
}

const renewToken =
  'Data Studio shows its user in the User Directory: Token makes a new one. Without such a user: init --service-user.';

const withoutToken = (hasPolicies: boolean): Check =>
  hasPolicies
    ? off('DIRECTUS_TOKEN', 'not set: changes are not heard of, and answers are remembered for seconds only')
    : fault('DIRECTUS_TOKEN', 'not set, and this is Directus 10, which needs it: nobody is let in');

async function checkToken(
  { readPermissions }: Directus,
  { token, call }: NonNullable<DirectusParts['service']>,
  watched: readonly Watched[],
): Promise<Check> {
  await call('GET', '/users/me?fields=id'); // refuses with Directus' own words
  const half = halfReadable(watched, await readPermissions({ token }));
  const advice = `Its user must read them without an item rule, as the policy "${servicePolicyName}" of init lets it.`;
  if (half.length > 0) return fault('DIRECTUS_TOKEN', `accepted, and does not read all of ${half.join(', ')}`, advice);
  return ok('DIRECTUS_TOKEN', `accepted, reads ${watched.map(({ collection }) => collection).join(', ')}`);
}
