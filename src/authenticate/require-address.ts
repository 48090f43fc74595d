import { isIP } from 'node:net';
import { forbidden } from '../errors/gateway-error.ts';

/**
 * The caller's address in the form that Directus uses. Policies may be bound to it, so a request without one (a socket
 * that is closed already, a forwarding header that holds something else) is refused rather than judged as from here.
 * @throws GatewayError FORBIDDEN
 */
export function requireAddress(address: string | undefined): string {
  const plain = address?.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (plain === undefined || isIP(plain) === 0) throw forbidden('no_address');
  return plain;
}
