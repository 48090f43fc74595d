import type { Request, Response } from 'express';
import type { Authenticate } from './authenticate/authenticate.ts';
import { requireAddress } from './authenticate/require-address.ts';
import { authorize } from './authorize/authorize.ts';
import { matchRule, pathParameters } from './authorize/match-rule.ts';
import { trailOf } from './log/trail.ts';
import { type Operations, requireOperation } from './operations/operation.ts';
import { prepare } from './prepare/prepare.ts';
import { findUpstream, type Upstreams } from './route/find-upstream.ts';
import { parseRequestTarget } from './route/request-target.ts';
import { requireMethod } from './route/require-method.ts';
import { extractToken, withoutToken } from './token/extract-token.ts';
import { type OwnSites, refuseForeignSite } from './token/refuse-foreign-site.ts';

export type GatewayParts = {
  readonly upstreams: Upstreams;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly sessionCookieName: string;
  readonly ownSites: OwnSites;
  /** MAX_PAYLOAD_SIZE: the largest body that is read rather than streamed. */
  readonly maxBytes: number;
  /** Milliseconds from any starting point, for durations. */
  readonly clock: () => number;
};

/**
 * A request's way through the gateway. Each step takes what the ones before have found out and throws a GatewayError
 * where the way ends; nothing is sent upstream before the last one.
 */
export function gateway(parts: GatewayParts) {
  const { upstreams, operations, authenticate, sessionCookieName, ownSites, maxBytes, clock } = parts;

  return async (request: Request, response: Response): Promise<void> => {
    const trail = trailOf(response);
    const start = clock();

    const method = requireMethod(request.method, request.headers.upgrade);
    const { upstream, stream, target } = findUpstream(upstreams, parseRequestTarget(request.originalUrl));
    trail.upstream = upstream.name;

    const { authorization, cookie, origin, host } = request.headers;
    const token = extractToken({ query: target.query, authorization, cookie, sessionCookieName });
    refuseForeignSite(token, method, { origin, secFetchSite: request.get('Sec-Fetch-Site'), host }, ownSites);

    const accountability = await authenticate(token, requireAddress(request.ip));
    trail.user = accountability.user;
    trail.directusMs = clock() - start;

    const rule = matchRule(upstream.rules, method, target.path);
    const grant = authorize(accountability, rule, method);

    if (request.headers.expect !== undefined) response.writeContinue();

    if (grant.operation !== undefined) {
      const operate = requireOperation(operations, grant.operation);
      const parameters = pathParameters(grant, target.path);
      await operate({ request, response, accountability, query: withoutToken(target.query), parameters });
      return;
    }

    const outgoing = await prepare(request, { upstream, target, accountability, grant }, maxBytes);
    const sent = clock();
    await stream(outgoing, request, response, () => {
      trail.upstreamMs = clock() - sent;
    });
  };
}
