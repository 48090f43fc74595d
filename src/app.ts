import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Variables } from './config/variables.ts';
import { answerError } from './edge/answer-error.ts';
import { crossOrigin } from './edge/cors.ts';
import { requestId } from './edge/request-id.ts';
import { requireShortUrl } from './edge/url-length.ts';
import { accessLog } from './log/logger.ts';
import { isForUpstream, isMeantForUpstream, type Upstreams } from './route/find-upstream.ts';

export type AppParts = {
  readonly variables: Variables;
  readonly logger: Logger;
  readonly upstreams: Upstreams;
  readonly health: RequestHandler;
  readonly explain: RequestHandler;
  readonly frontDoor?: RequestHandler | undefined;
  readonly gateway: RequestHandler;
};

/** Everything around the gateway, in the order in which a request meets it. */
export function createApp({ variables, logger, upstreams, health, explain, frontDoor, gateway }: AppParts): Express {
  const app = express();
  app.set('trust proxy', variables.IP_TRUST_PROXY);
  app.set('query parser', false); // the gateway reads queries byte for byte
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.set('etag', false);
  app.disable('x-powered-by');

  app.use(requestId); // first, so that everything after can name the request
  app.use(accessLog(logger)); // before anything that may refuse
  app.use(requireShortUrl);
  if (frontDoor !== undefined) app.use(frontDoor); // before what would touch Directus' own answers
  app.use(helmet());
  if (variables.CORS_ENABLED) app.use(crossOrigin(variables)); // before the token: preflights bear none, errors need it

  app.use((request, response, next) =>
    upstreams.byHostname.has(request.hostname?.toLowerCase()) ? gateway(request, response, next) : next(),
  ); // a host name of an upstream's own has no routes of the gateway's
  app.get('/server/ping', (_request, response) => {
    response.type('text/plain').send('pong');
  });
  app.get('/server/health', health);
  app.get('/gateway/explain', explain);
  app.use(gateway);
  const isForApi = frontDoor === undefined ? isMeantForUpstream : isForUpstream; // what nobody claims is Directus' then
  app.use(answerError((hostname, url) => isForApi(upstreams, hostname, url), logger));
  return app;
}
