import { type Peer, peerOf, type TracedRequest } from './trace.ts';

/** Where callers find the gateway. Never what they say: `Host` is theirs. */
export type Site = Pick<Peer, 'address' | 'port'> & { readonly scheme: 'http' | 'https' };

/** @param url PUBLIC_URL */
export function siteOf(url: string): Site {
  const { address, port } = peerOf('', url);
  return { address, port, scheme: schemeOf(url) };
}

/** The address that the caller's connection has led to. */
export const siteReached = ({ protocol, socket }: TracedRequest): Site => ({
  address: socket.localAddress ?? '',
  port: socket.localPort ?? 0,
  scheme: schemeOf(protocol),
});

/** Of what a trusted proxy says, one of two words. */
const schemeOf = (text: string | undefined): Site['scheme'] => (text?.startsWith('https') ? 'https' : 'http');
