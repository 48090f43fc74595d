import { z } from 'zod';
import { type Call, understoodAs } from '../directus/call.ts';
import type { Directus } from '../directus/directus.ts';
import { addressTestPolicyName, testAddress, testCollection } from '../init/policies.ts';
import { type Check, checksOf } from './check.ts';

/**
 * Whether Directus takes the address that the gateway passes on (X-Forwarded-For) for the caller's. It is told without
 * a write, by a policy of the gateway's own user that counts at one address only, which nobody has.
 */
export async function checkForwardedAddress(
  { readPermissions }: Pick<Directus, 'readPermissions'>,
  token: string,
  call: Call,
): Promise<Check> {
  const { ok, warn, fault } = checksOf('directus');
  const name = 'forwarded address';
  const grants = async (asker: { token: string; address?: string }) =>
    ((await readPermissions(asker)).get(testCollection)?.read?.access ?? 'none') !== 'none';
  const here = await grants({ token });
  if (!here && (await grants({ token, address: testAddress }))) {
    return ok(name, 'Directus trusts the address of the caller that the gateway passes on');
  }
  const { bound, hasTest } = await readBoundPolicies(call);
  const matters = bound.length === 0 ? 'no policy is bound to addresses' : `bound to addresses: ${bound.join(', ')}`;
  const trust = 'Set IP_TRUST_PROXY in Directus to the address of the gateway, as Directus sees it.';
  if (!here && hasTest) {
    const message = `Directus does not trust the address that the gateway passes on; ${matters}`;
    return bound.length === 0 ? warn(name, message, trust) : fault(name, message, trust);
  }
  const attach = `Give the user of DIRECTUS_TOKEN the policy "${addressTestPolicyName}", which init creates. ${trust}`;
  const why = here ? `it reads ${testCollection} anywhere` : 'it has no policy that counts at a test address only';
  return warn(name, `not told with this DIRECTUS_TOKEN: ${why}; ${matters}`, attach);
}

/** The policies that are bound to addresses, and whether the user of the token has the one for this test. */
async function readBoundPolicies(call: Call): Promise<{ bound: string[]; hasTest: boolean }> {
  const [policies, me] = await Promise.all([
    call('GET', '/policies?limit=-1&fields=name,ip_access,users.user&filter[ip_access][_nnull]=true'),
    call('GET', '/users/me?fields=id'),
  ]);
  const { id } = understoodAs(user, me);
  const found = understoodAs(boundPolicies, policies).filter(({ ip_access }) => (ip_access ?? []).length > 0);
  const isTest = ({ ip_access }: (typeof found)[number]) => ip_access?.join() === testAddress;
  return {
    bound: found.filter((policy) => !isTest(policy)).map(({ name }) => name),
    hasTest: found.some((policy) => isTest(policy) && policy.users.some((each) => each.user === id)),
  };
}

const user = z.object({ id: z.string() });
const boundPolicies = z.array(
  z.object({
    name: z.string(),
    ip_access: z.array(z.string()).nullable(),
    users: z.array(z.object({ user: z.string().nullable() })),
  }),
);
