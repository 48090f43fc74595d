import { watchedCollections } from '../feed/watched.ts';
import { shortList } from './short-list.ts';
import type { Step } from './step.ts';
import { plainIcon, type WantedCollection } from './wanted.ts';

export type NewPolicy = Extract<Step, { kind: 'policy' }>;

export const servicePolicyName = 'Gateway service';
export const addressTestPolicyName = 'Gateway address test';

/** An address of a documentation network (RFC 5737): nobody calls from there. */
export const testAddress = '192.0.2.1';

/** What the address test grants: it is always there, and holds no secret. */
export const testCollection = 'directus_translations';

/** The policies of the gateway itself. They grant what its own user (DIRECTUS_TOKEN) needs. */
export const ownPolicies: readonly NewPolicy[] = [
  {
    kind: 'policy',
    name: servicePolicyName,
    icon: 'hearing',
    description:
      'For the user whose token is DIRECTUS_TOKEN of directus-gateway, and for nobody else: reads who may do what, so that the gateway hears of every change.',
    reads: watchedCollections(true).map(({ collection }) => collection),
  },
  {
    kind: 'policy',
    name: addressTestPolicyName,
    icon: 'my_location',
    description: `For the same user. Counts at ${testAddress} only, an address that nobody has: "directus-gateway check" tells by it whether Directus trusts the address that the gateway passes on.`,
    reads: [testCollection],
    ipAccess: [testAddress],
  },
];

/**
 * An empty policy for the users of an upstream: nothing is allowed by it before an administrator says so.
 * @param collections those that are there or are being created. Data Studio shows some 90 letters of the description.
 */
export function policyFor(upstream: string, collections: readonly WantedCollection[]): NewPolicy {
  const governing = collections.filter(({ upstreams, routes }) => upstreams.includes(upstream) && routes.length > 0);
  const names = shortList(governing.map(({ name }) => name));
  return {
    kind: 'policy',
    name: `Gateway: ${upstream}`,
    icon: governing[0]?.icon ?? plainIcon,
    description: `For users of ${upstream} through the gateway: under Permissions, allow actions on ${names}.`,
    reads: [],
  };
}
