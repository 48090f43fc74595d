import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { codeOf } from '../errors/code-of.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { trailOf } from '../log/trail.ts';
import { UpstreamAnswer } from '../operations/upstream-answer.ts';
import { errorBody } from './error-body.ts';

/**
 * The one place where a failure becomes an answer. What is not a GatewayError is an INTERNAL_SERVER_ERROR.
 * @param isForApi whether a client of an API is likely to read it
 */
export const answerError =
  (isForApi: (hostname: string | undefined, url: string) => boolean, logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const begun = response.headersSent || response.destroyed;
    if (begun && isClientGone(error)) return;
    if (error instanceof UpstreamAnswer && !begun) {
      answer(response, error.status, error.body, error.headers);
      return;
    }
    const failure = asFailure(error);
    noteError(response, failure);
    if (failure.status >= 500 || begun)
      logger.warn({ err: failure, requestId: trailOf(response).requestId }, failure.code);
    if (begun) {
      response.destroy();
      return;
    }
    const body = errorBody(failure, isForApi(request.hostname, request.originalUrl));
    answer(response, failure.status, body, failure.headers);
  };

/** What Node says when the client leaves, in the middle of its request or of the answer. */
const departures: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_UNABLE_TO_PIPE',
  'ERR_STREAM_DESTROYED',
]);

/** Then nobody is there to be told, and nothing has failed. */
const isClientGone = (error: unknown): boolean => departures.has(codeOf(error));

/** For the log and the metrics. */
export function noteError(response: ServerResponse, { code, logReason }: GatewayError): void {
  const trail = trailOf(response);
  trail.code = code;
  if (logReason !== undefined) trail.reason = logReason;
}

function asFailure(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = error instanceof UpstreamAnswer ? 'UPSTREAM_UNREACHABLE' : 'INTERNAL_SERVER_ERROR';
  return new GatewayError(code, { cause: error });
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(text);
}
