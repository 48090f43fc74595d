import { GatewayError } from '../errors/gateway-error.ts';

/** Characters of path and query. RFC 9110, section 4.1, wants 8,000 to be taken. Nothing that is longer is looked at. */
export const maxUrlLength = 8_192;

/** @throws GatewayError URI_TOO_LONG */
export function requireShortUrl(url: string): void {
  if (url.length > maxUrlLength) throw new GatewayError('URI_TOO_LONG');
}
