import { invalidPayload, methodNotAllowed } from '../errors/gateway-error.ts';
import { type Method, methods } from '../upstreams/upstream.ts';

/**
 * The method, if it is one that stands for an action. A connection is not turned into anything else, save that an offer
 * of cleartext HTTP/2 may be ignored (RFC 9110, section 7.8): some clients make it with every first request.
 * @throws GatewayError METHOD_NOT_ALLOWED, INVALID_PAYLOAD
 */
export function requireMethod(method: string, upgrade: string | undefined): Method {
  const known = methods.find((candidate) => candidate === method);
  if (known === undefined) throw methodNotAllowed(method, methods);
  if (upgrade !== undefined && upgrade.toLowerCase() !== 'h2c') throw invalidPayload('Upgrades are not supported');
  return known;
}
