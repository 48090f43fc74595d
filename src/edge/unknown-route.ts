import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseRequestTarget } from '../route/request-target.ts';
import { requireMethod } from '../route/require-method.ts';
import type { Suggest } from '../suggest/suggest.ts';
import { withSuggestion } from '../suggest/with-suggestion.ts';
import { type IdentifyParts, identify } from './identify.ts';

export type UnknownRouteParts = IdentifyParts & {
  /** Refuses the request as what it is. */
  readonly gateway: RequestHandler;
  readonly suggest: Suggest;
};

/**
 * Answers what no route is there for. Whoever bears a good token, and is within their rates, is told which route they
 * may have meant; everybody else is told the same as ever.
 */
export const unknownRoute =
  ({ gateway, suggest, ...parts }: UnknownRouteParts): RequestHandler =>
  async (request, response, next) => {
    try {
      await gateway(request, response, next);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'ROUTE_NOT_FOUND') throw error;
      const known = identify(request, parts).catch(() => undefined);
      const caller = await Promise.race([known, sleep(longestMs, undefined, { ref: false })]);
      if (caller === undefined) throw error;
      const asked = {
        method: requireMethod(request.method, undefined),
        path: parseRequestTarget(request.originalUrl).path,
      };
      throw withSuggestion(error, asked, suggest(caller.accountability, asked));
    }
  };

/** Milliseconds for which an error waits for Directus: it is a hint only. */
const longestMs = 1_000;
