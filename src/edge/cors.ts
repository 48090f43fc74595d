import cors from 'cors';
import type { RequestHandler } from 'express';
import type { Variables } from '../config/variables.ts';

/**
 * CORS as Directus' variables have it. An OPTIONS request that is no preflight gets no special treatment, and every
 * error gets the headers too, or a page could not read why it was refused.
 */
export function crossOrigin(variables: Variables): RequestHandler {
  const allow = cors({
    origin: variables.CORS_ORIGIN,
    methods: variables.CORS_METHODS,
    allowedHeaders: variables.CORS_ALLOWED_HEADERS,
    exposedHeaders: variables.CORS_EXPOSED_HEADERS,
    credentials: variables.CORS_CREDENTIALS,
    maxAge: variables.CORS_MAX_AGE,
  });
  return (request, response, next) => {
    if (request.headers.origin === undefined) {
      response.vary('Origin'); // with one, the answer would say more
      next();
    } else if (request.method === 'OPTIONS' && !isPreflight(request.headers)) next();
    else allow(request, response, next);
  };
}

const isPreflight = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['access-control-request-method'] !== undefined;
