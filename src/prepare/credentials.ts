import type { IncomingHttpHeaders } from 'node:http';
import type { Upstream } from '../upstreams/upstream.ts';

/** What is sent, without or with the upstream's credential. */
export type Sent = {
  readonly headers: IncomingHttpHeaders;
  /** Path and query. */
  readonly target: string;
};

/** Adds what proves the gateway to the upstream, instead of whatever the caller may have sent in its place. */
export function withCredential(sent: Sent, { credentials }: Upstream, origin: string): Sent {
  const headers: IncomingHttpHeaders = { ...sent.headers, host: new URL(origin).host };
  let { target } = sent;
  for (const credential of credentials) {
    switch (credential.kind) {
      case 'bearer':
        headers.authorization = `Bearer ${credential.token.revealFor(origin)}`;
        break;
      case 'basic': {
        const pair = `${credential.user.revealFor(origin)}:${credential.password?.revealFor(origin) ?? ''}`;
        headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
        break;
      }
      case 'header': {
        const value = credential.value.revealFor(origin);
        headers[credential.name] = credential.scheme === undefined ? value : `${credential.scheme} ${value}`;
        break;
      }
      case 'query': {
        const pair = `${encodeURIComponent(credential.name)}=${encodeURIComponent(credential.value.revealFor(origin))}`;
        target += `${target.includes('?') ? '&' : '?'}${pair}`;
        break;
      }
    }
  }
  return { headers, target };
}
