import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Variables } from './config/variables.ts';
import { answerError } from './edge/answer-error.ts';
import { crossOrigin } from './edge/cors.ts';
import { limitReader } from './edge/limit-reader.ts';
import { nameRequest } from './edge/request-id.ts';
import { setSecurityHeaders } from './edge/security-headers.ts';
import { requireShortUrl } from './edge/url-length.ts';
import { createAccessLog } from './log/access-log.ts';
import { type OnEnd, whenEnded } from './log/when-ended.ts';
import { isForUpstream, isMeantForUpstream, type Upstreams } from './route/find-upstream.ts';
import { keepTrace } from './tracing/trace.ts';
import type { RequestTracing } from './tracing/tracing.ts';

export type AppParts = {
  readonly variables: Variables;
  readonly logger: Logger;
  /** Milliseconds from any starting point, for durations. */
  readonly clock: () => number;
  readonly upstreams: Upstreams;
  readonly health: RequestHandler;
  readonly explain: RequestHandler;
  /** Where they are on. */
  readonly metrics?: { readonly route: RequestHandler; readonly observe: OnEnd } | undefined;
  readonly tracing: RequestTracing;
  readonly specs: RequestHandler;
  /** In milliseconds, in which a caller takes nothing of an answer of the gateway's own. */
  readonly readerStillMs?: number | undefined;
  /** Where it is on. */
  readonly page?: RequestHandler | undefined;
  readonly frontDoor?: RequestHandler | undefined;
  readonly gateway: RequestHandler;
  /** What no route is there for. */
  readonly unknown: RequestHandler;
};

/** Everything around the gateway, in the order in which a request meets it. */
export function createApp({
  variables,
  logger,
  clock,
  upstreams,
  health,
  explain,
  metrics,
  tracing,
  specs,
  readerStillMs,
  page,
  frontDoor,
  gateway,
  unknown,
}: AppParts): RequestListener {
  const app = express();
  app.set('trust proxy', variables.IP_TRUST_PROXY);
  app.set('query parser', false); // the gateway reads queries byte for byte
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.set('etag', false);
  app.disable('x-powered-by');
  const logAccess = createAccessLog(logger);
  const onEnds = [logAccess, metrics?.observe, tracing.onEnd].filter((onEnd) => onEnd !== undefined);
  const follow = whenEnded(clock, onEnds);

  app.use((request, response, next) => {
    nameRequest(request, response); // first, so that everything after can name the request
    const trace = tracing.begin(request);
    if (trace !== undefined) keepTrace(response, trace);
    follow(request, response); // before anything that may refuse
    requireShortUrl(request.originalUrl);
    next();
  });
  if (frontDoor !== undefined) app.use(frontDoor); // before what would touch Directus' own answers
  if (variables.CORS_ENABLED) app.use(crossOrigin(variables)); // before the token: preflights bear none, errors need it

  app.use((request, response, next) => {
    setSecurityHeaders(response);
    // First, as a host name of an upstream's own has no routes of the gateway's.
    if (isForUpstream(upstreams, request.hostname, request.originalUrl)) return gateway(request, response, next);
    limitReader(request, response, readerStillMs);
    return next();
  });
  app.get('/server/ping', (_request, response) => {
    response.type('text/plain').send('pong');
  });
  app.get('/server/health', health);
  app.get('/gateway/explain', explain);
  if (metrics !== undefined) app.get('/metrics', metrics.route);
  app.get('/gateway/specs/oas', specs);
  if (page !== undefined) app.get(/^\/gateway(?:\/.*)?$/, page);
  app.get('/server/specs/oas', specs); // behind the front door, Directus' own
  app.use(unknown);
  const isForApi = frontDoor === undefined ? isMeantForUpstream : isForUpstream; // what nobody claims is Directus' then
  app.use(answerError((hostname, url) => isForApi(upstreams, hostname, url), logger));

  const handle: (request: IncomingMessage, response: ServerResponse, unreadable: () => void) => void = app;
  return (request, response) =>
    handle(request, response, () => {
      request.url = '/'; // Express asks none of the above about an address that it cannot read, such as `http://[/`
      app(request, response);
    });
}
