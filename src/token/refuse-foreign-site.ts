import { actionBy } from '../authorize/authorize.ts';
import { forbidden } from '../errors/gateway-error.ts';
import type { Method, Rule } from '../upstreams/upstream.ts';
import type { Token, TokenSource } from './extract-token.ts';

export type Asked = {
  readonly method: Method;
  /** The rule that governs it, if any. */
  readonly rule: Rule | undefined;
};

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
export function refuseForeignSite(token: Token | undefined, asked: Asked, site: Site, own: OwnSites): void {
  if (token === undefined || !sentByTheBrowserItself.has(token.source) || !isWrite(asked)) return;
  if (!isOwn(asked, site, own)) throw forbidden('foreign_site');
}

/** Either is enough: a method that browsers do not take for safe, or a rule that calls it a write. */
const isWrite = ({ method, rule }: Asked): boolean =>
  !isSafe(method) || (rule !== undefined && 'collection' in rule && actionBy(rule, method) !== 'read');

const isSafe = (method: Method): boolean => method === 'GET' || method === 'HEAD';

const sentByTheBrowserItself: ReadonlySet<TokenSource> = new Set(['cookie', 'basic']);

/**
 * A browser names the origin of every POST, but not of a link; and a link in a mail, or one that it opens without
 * encryption, comes from nowhere that it could tell of. So a GET that is a write must be said to come from here.
 */
function isOwn({ method }: Asked, { origin, secFetchSite, host }: Site, { publicOrigin, listed }: OwnSites): boolean {
  if (origin === undefined)
    return secFetchSite === 'same-origin' || (!isSafe(method) && (secFetchSite ?? 'none') === 'none');
  if (origin === publicOrigin || listed.includes(origin)) return true;
  return publicOrigin === undefined && URL.canParse(origin) && new URL(origin).host === host;
}
