import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Accountability } from '../directus/accountability.ts';
import { connectionOptions } from '../http/hop-by-hop.ts';
import { traceHeaders } from '../tracing/trace-context.ts';
import { oncePer } from '../upstreams/once-per.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/**
 * The headers that go to the upstream: those of the caller that are known to be harmless, and those that every request to it bears.
 * Everything else stays here: the caller's token in whatever place, cookies, forwarding and hop-by-hop headers
 * (RFC 9110, section 7.6.1), and whatever `Connection` names.
 * @param isRead whether the answer is read and changed, so that it must come as text, and whole
 * @param isCut whether it is also cut, so that it must come even if the caller knows it
 */
export function requestHeaders(
  received: IncomingHttpHeaders,
  upstream: Upstream,
  accountability: Accountability,
  { isRead, isCut }: { readonly isRead: boolean; readonly isCut: boolean },
): IncomingHttpHeaders {
  const hopByHop = connectionOptions(received.connection);
  const headers: IncomingHttpHeaders = {};
  for (const name of passedTo(upstream)) {
    const value = received[name];
    if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  }
  for (const name of framing) if (received[name] !== undefined) headers[name] = received[name];
  const { idempotencyHeader } = upstream;
  if (idempotencyHeader !== undefined) {
    const key = received[idempotencyHeader];
    if (typeof key === 'string') headers[idempotencyHeader] = separateByCaller(key, accountability);
  }
  if (isCut) drop(headers, askingForLess);
  if (isRead) {
    drop(headers, askingForParts); // they count bytes of the answer as the upstream sent it
    headers['accept-encoding'] = 'identity';
  }
  return Object.assign(headers, upstream.requestHeaders.set);
}

function drop(headers: IncomingHttpHeaders, names: readonly string[]): void {
  for (const name of names) delete headers[name];
}

const passedTo = oncePer(({ requestHeaders: { allow, drop } }: Upstream) =>
  [...commonHeaders, ...allow].filter((name) => !drop.includes(name) && !traceHeaders.has(name)),
);

const askingForParts = ['range', 'if-range'] as const;
const askingForLess = ['if-none-match', 'if-modified-since', 'prefer'] as const;

const commonHeaders = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'prefer',
  'range',
  'user-agent',
] as const;

/** Node has made sure that they agree with each other and with the body; no `Connection` option may remove them. */
const framing = ['content-length', 'transfer-encoding'] as const;

/** All callers share the upstream's account, but nobody may be answered with what another's key has created. */
export const separateByCaller = (key: string, { user, share, ip }: Accountability): string =>
  hash('sha256', JSON.stringify([user, share, user ?? share ?? ip, key]), 'hex');
