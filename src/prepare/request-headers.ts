import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { connectionOptions } from '../answer/connection-options.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { Credential, Upstream } from '../upstreams/upstream.ts';

/**
 * The headers that go to the upstream: those of the caller that are known to be harmless, then the gateway's own.
 * Everything else stays here: the caller's token in whatever place, cookies, forwarding and hop-by-hop headers
 * (RFC 9110, section 7.6.1), and whatever `Connection` names.
 * @param isCut whether the answer must be read and cut, so that it must come whole and as text
 */
export function requestHeaders(
  received: IncomingHttpHeaders,
  upstream: Upstream,
  accountability: Accountability,
  isCut: boolean,
): IncomingHttpHeaders {
  const hopByHop = connectionOptions(received.connection);
  const headers: IncomingHttpHeaders = {};
  for (const name of [...commonHeaders, ...upstream.requestHeaders]) {
    const value = received[name];
    if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  }
  for (const name of framing) if (received[name] !== undefined) headers[name] = received[name];
  const { idempotencyHeader } = upstream;
  if (idempotencyHeader !== undefined) {
    const key = received[idempotencyHeader];
    if (typeof key === 'string') headers[idempotencyHeader] = separateByCaller(key, accountability);
  }
  if (isCut) askForWholeText(headers);
  headers.host = new URL(upstream.origin).host;
  headers.authorization = authorization(upstream.credential, upstream.origin);
  return headers;
}

function askForWholeText(headers: IncomingHttpHeaders): void {
  for (const name of ['range', 'if-range', 'if-none-match', 'if-modified-since', 'prefer']) delete headers[name];
  headers['accept-encoding'] = 'identity';
}

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

function authorization(credential: Credential, origin: string): string {
  switch (credential.kind) {
    case 'bearer':
      return `Bearer ${credential.token.revealFor(origin)}`;
    case 'basic':
      return `Basic ${Buffer.from(`${credential.user}:${credential.password.revealFor(origin)}`).toString('base64')}`;
  }
}
