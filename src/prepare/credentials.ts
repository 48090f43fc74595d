import type { IncomingHttpHeaders } from 'node:http';
import { oncePer } from '../upstreams/once-per.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/** What is sent, without or with the upstream's credential. */
export type Sent = {
  readonly headers: IncomingHttpHeaders;
  /** Path and query. */
  readonly target: string;
};

/**
 * Adds what proves the gateway to the upstream, instead of whatever the caller may have sent in its place.
 * @throws where the credential does not belong to the origin
 */
export function withCredential({ headers, target }: Sent, upstream: Upstream, origin: string): Sent {
  const proof = proofFor(upstream, origin);
  return {
    headers: { ...headers, ...proof.headers },
    target: proof.query === '' ? target : `${target}${target.includes('?') ? '&' : '?'}${proof.query}`,
  };
}

/** What every request to one origin bears. */
type Proof = { readonly headers: Readonly<Record<string, string>>; readonly query: string };

function proofFor(upstream: Upstream, origin: string): Proof {
  const proofs = proofsOf(upstream);
  const known = proofs.get(origin);
  if (known !== undefined) return known;
  const made = prove(upstream, origin);
  proofs.set(origin, made);
  return made;
}

const proofsOf = oncePer((_upstream: Upstream) => new Map<string, Proof>());

function prove({ credentials }: Upstream, origin: string): Proof {
  const headers: Record<string, string> = { host: new URL(origin).host };
  const query: string[] = [];
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
      case 'query':
        query.push(`${encodeURIComponent(credential.name)}=${encodeURIComponent(credential.value.revealFor(origin))}`);
        break;
    }
  }
  return { headers, query: query.join('&') };
}
