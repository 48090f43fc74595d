import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { roundedMs, type Trail } from './trail.ts';
import { isCutOff, type NotedRequest, type OnEnd } from './when-ended.ts';

/** One line for each request, made of named facts only: no header, query or body. */
export const createAccessLog =
  (logger: Logger): OnEnd =>
  (request, response, trail, durationMs) => {
    const level = levelOf(request, response);
    if (logger.isLevelEnabled(level)) logger[level](facts(request, response, trail, durationMs), 'request');
  };

/** Probes and scrapes come every few seconds, and what they find is logged where it happens. */
const levelOf = ({ originalUrl }: NotedRequest, { statusCode }: ServerResponse): 'debug' | 'error' | 'info' => {
  if (originalUrl.startsWith('/server/') || (originalUrl === '/metrics' && statusCode === 200)) return 'debug';
  return statusCode >= 500 ? 'error' : 'info';
};

const facts = ({ method, originalUrl }: NotedRequest, response: ServerResponse, trail: Trail, durationMs: number) => ({
  method,
  path: originalUrl.split('?', 1)[0],
  status: response.statusCode,
  cutOff: isCutOff(response) ? true : undefined,
  ...trail,
  rule: undefined, // the path says more
  durationMs: roundedMs(durationMs),
});
