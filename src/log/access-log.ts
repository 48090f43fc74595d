import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { roundedMs, trailOf } from './trail.ts';

export type LoggedRequest = IncomingMessage & { readonly originalUrl: string };

/** Sees to it that there is a line about this request when its answer has ended. */
export type LogAccess = (request: LoggedRequest, response: ServerResponse) => void;

/**
 * One line for each request, made of named facts only: no header, query or body.
 * @param clock milliseconds from any starting point
 */
export const createAccessLog =
  (logger: Logger, clock: () => number): LogAccess =>
  (request, response) => {
    const begun = clock();
    response.on('close', () => {
      const level = levelOf(request, response);
      if (logger.isLevelEnabled(level)) logger[level](facts(request, response, clock() - begun), 'request');
    });
  };

/** Probes come every few seconds, and what they find is logged where it happens. */
const levelOf = ({ originalUrl }: LoggedRequest, { statusCode }: ServerResponse): 'debug' | 'error' | 'info' => {
  if (originalUrl.startsWith('/server/')) return 'debug';
  return statusCode >= 500 ? 'error' : 'info';
};

const facts = ({ method, originalUrl }: LoggedRequest, response: ServerResponse, durationMs: number) => ({
  method,
  path: originalUrl.split('?', 1)[0],
  status: response.statusCode,
  cutOff: response.writableFinished || response.statusCode === 101 ? undefined : true, // a tunnel ends as it ends
  ...trailOf(response),
  durationMs: roundedMs(durationMs),
});
