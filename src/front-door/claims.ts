import { isForUpstream, type Upstreams } from '../route/find-upstream.ts';

/** @param hostname without a port, of the gateway as the caller has addressed it */
export type Claims = (hostname: string | undefined, url: string) => boolean;

/**
 * Whether a request is for an upstream or for the gateway itself. A name counts byte for byte: `/Stripe` and
 * `/%73tripe` are Directus' affair, which has no credential but the caller's.
 */
export const claimsOf =
  (upstreams: Upstreams): Claims =>
  (hostname, url) =>
    isForUpstream(upstreams, hostname, url) || own.test(url);

const own = /^\/(?:server\/(?:ping|health)|gateway(?:\/[^?]*)?)(?:\?|$)/;
