import type { RequestHandler } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';

/** Characters of path and query. RFC 9110, section 4.1, wants 8,000 to be taken. Nothing that is longer is looked at. */
export const maxUrlLength = 8_192;

export const requireShortUrl: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.length > maxUrlLength) throw new GatewayError('URI_TOO_LONG');
  next();
};
