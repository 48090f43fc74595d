import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { connectionOptions, hopByHop } from '../http/hop-by-hop.ts';
import { secretOf, type Upstream } from '../upstreams/upstream.ts';
import type { GatewayAddresses } from './gateway-addresses.ts';

/**
 * The upstream's answer headers that are the caller's business. The connection to the upstream, its cookies, its CORS
 * and browser policies, and how it wants to be authenticated are the gateway's alone, and so is whatever gives its
 * credential away.
 */
export function answerHeaders(
  answer: IncomingMessage,
  upstream: Pick<Upstream, 'answerHeaders' | 'credentials'>,
  addresses: GatewayAddresses,
): OutgoingHttpHeaders {
  const hopByHop = connectionOptions(answer.headers.connection);
  const headers: OutgoingHttpHeaders = {};
  const { drop } = upstream.answerHeaders;
  for (const name in answer.headers) {
    if (!kept(name) || hopByHop.has(name) || drop.includes(name)) continue;
    const value = answer.headers[name] ?? '';
    const passed = holdsAddress.has(name) ? addresses.header(String(value)) : value;
    if (!givesAway(String(passed), upstream)) headers[name] = passed;
  }
  headers['cache-control'] = privately(answer.headers['cache-control']);
  return headers;
}

const holdsAddress: ReadonlySet<string> = new Set(['location', 'content-location', 'link']);

const givesAway = (text: string, { credentials }: Pick<Upstream, 'credentials'>): boolean =>
  credentials.some((credential) => secretOf(credential).isIn(text));

const dropped: ReadonlySet<string> = new Set([
  ...hopByHop,
  // authentication between gateway and upstream
  'authentication-info',
  'proxy-authenticate',
  'proxy-authentication-info',
  'set-cookie',
  'set-cookie2',
  'www-authenticate',
  // what a browser should think of the site
  'alt-svc',
  'clear-site-data',
  'content-security-policy',
  'content-security-policy-report-only',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'expect-ct',
  'nel',
  'permissions-policy',
  'public-key-pins',
  'referrer-policy',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'strict-transport-security',
  'timing-allow-origin',
  'x-content-type-options',
  'x-frame-options',
  'x-xss-protection',
  // who serves it
  'server',
  'via',
  'x-powered-by',
  'x-request-id',
]);

const kept = (name: string): boolean => !dropped.has(name) && !name.startsWith('access-control-');

/** What one caller may see must not be kept by a cache that others share. */
const privately = (cacheControl: string | undefined): string =>
  cacheControl !== undefined &&
  /(^|[\s,])(no-store|private)([\s,]|$)/i.test(cacheControl) &&
  !/(^|[\s,])public([\s,]|$)/i.test(cacheControl)
    ? cacheControl
    : 'private, no-store';
