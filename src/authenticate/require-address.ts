import { isIP, isIPv4 } from 'node:net';
import { forbidden } from '../errors/gateway-error.ts';

/**
 * The caller's address in the form that Directus uses. Policies may be bound to it, so a request without one (a socket
 * that is closed already, a forwarding header that holds something else) is refused rather than judged as from here.
 * @throws GatewayError FORBIDDEN
 */
export function requireAddress(address: string | undefined): string {
  const plain = address?.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : address;
  const isPlain = plain === address || isIPv4(plain ?? '');
  if (plain === undefined || !isPlain || isIP(plain) === 0) throw forbidden('no_address');
  return plain;
}

/** Before an IPv4 address as an IPv6 socket shows it. Directus cuts it off whatever follows. */
const mappedPrefix = '::ffff:';
