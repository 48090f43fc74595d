import { forbidden } from '../errors/gateway-error.ts';
import type { Method } from '../upstreams/upstream.ts';
import type { Token, TokenSource } from './extract-token.ts';

export type Site = {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly host: string | undefined;
};

export type OwnSites = {
  /** PUBLIC_URL's origin; without it, a browser's page must come from the host that it calls. */
  readonly publicOrigin: string | undefined;
  /** Origins that CORS_ORIGIN lists by name. */
  readonly listed: readonly string[];
};

/**
 * Refuses a write that a browser was led to by another site: the session cookie, and Basic credentials that it
 * remembers, go along without the visitor's doing. Directus itself is safe by parsing JSON only; the gateway takes forms too, which need no preflight.
 * @throws GatewayError FORBIDDEN
 */
export function refuseForeignSite(token: Token | undefined, method: Method, site: Site, own: OwnSites): void {
  if (token === undefined || !sentByTheBrowserItself.has(token.source) || method === 'GET' || method === 'HEAD') return;
  if (!isOwn(site, own)) throw forbidden('foreign_site');
}

const sentByTheBrowserItself: ReadonlySet<TokenSource> = new Set(['cookie', 'basic']);

function isOwn({ origin, secFetchSite, host }: Site, { publicOrigin, listed }: OwnSites): boolean {
  if (origin === undefined)
    return secFetchSite === undefined || secFetchSite === 'same-origin' || secFetchSite === 'none';
  if (origin === publicOrigin || listed.includes(origin)) return true;
  return publicOrigin === undefined && URL.canParse(origin) && new URL(origin).host === host;
}
