import { isForUpstream, type Upstreams } from '../route/find-upstream.ts';

/** @param hostname without a port, of the gateway as the caller has addressed it */
export type Claims = (hostname: string | undefined, url: string) => boolean;

/**
 * Whether a request is for an upstream or for the gateway itself. A name counts byte for byte: `/Stripe` and
 * `/%73tripe` are Directus' affair, which has no credential but the caller's.
 * @param hasMetrics whether `/metrics` is the gateway's; it is Directus' otherwise
 */
export const claimsOf =
  (upstreams: Upstreams, hasMetrics: boolean): Claims =>
  (hostname, url) =>
    isForUpstream(upstreams, hostname, url) || own.test(url) || (hasMetrics && metrics.test(url));

const own = /^\/(?:server\/(?:ping|health)|gateway(?:\/[^?]*)?)(?:\?|$)/;
const metrics = /^\/metrics(?:\?|$)/;
