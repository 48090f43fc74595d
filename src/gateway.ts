import type { Request, Response } from 'express';
import { cutFor } from './answer/cut.ts';
import type { NoteWrite } from './audit/note-write.ts';
import type { Authenticate } from './authenticate/authenticate.ts';
import { requireAddress } from './authenticate/require-address.ts';
import { authorize } from './authorize/authorize.ts';
import { isPublic, type MatchRule } from './authorize/match-rule.ts';
import { requireRows } from './authorize/require-rows.ts';
import type { Directus } from './directus/directus.ts';
import { forbidden } from './errors/gateway-error.ts';
import type { Limit } from './limit/limit.ts';
import { roundedMs, trailOf } from './log/trail.ts';
import { type Operations, operate } from './operations/operation.ts';
import { prepare } from './prepare/prepare.ts';
import { findUpstream, type Upstreams } from './route/find-upstream.ts';
import { parseRequestTarget } from './route/request-target.ts';
import { requireMethod } from './route/require-method.ts';
import type { Stream } from './stream/stream.ts';
import type { Suggest } from './suggest/suggest.ts';
import { withSuggestion } from './suggest/with-suggestion.ts';
import { extractToken, withoutToken } from './token/extract-token.ts';
import { type OwnSites, refuseForeignSite } from './token/refuse-foreign-site.ts';
import { traceOf } from './tracing/trace.ts';
import { ruleName } from './upstreams/rule-name.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** An upstream and the way to it. */
export type Connected = {
  readonly upstream: Upstream;
  readonly matchRule: MatchRule;
  readonly stream: Stream;
  /** Lets connections that nobody uses go, and keeps no further ones. */
  readonly close: () => void;
  readonly operations: Operations;
};

export type GatewayParts = {
  readonly upstreams: Upstreams<Connected>;
  readonly directus: Directus;
  readonly authenticate: Authenticate;
  readonly limit: Limit;
  /** Where writes are noted. */
  readonly noteWrite: NoteWrite | undefined;
  readonly sessionCookieName: string;
  readonly ownSites: OwnSites;
  /** PUBLIC_URL; without it, the address that the caller has used. */
  readonly publicUrl: string | undefined;
  readonly suggest: Suggest;
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
  const { upstreams, directus, authenticate, limit, noteWrite } = parts;
  const { sessionCookieName, ownSites, publicUrl, maxBytes, suggest, clock } = parts;

  /** PUBLIC_URL is no host name of an upstream's own. */
  const addressOf = (mount: string, { protocol, host }: Request): string =>
    mount === '' || publicUrl === undefined ? `${protocol}://${host}` : publicUrl;

  return async (request: Request, response: Response): Promise<void> => {
    const trail = trailOf(response);
    const start = clock();

    const method = requireMethod(request.method, request.headers.upgrade);
    const route = findUpstream(upstreams, request.hostname, parseRequestTarget(request.originalUrl));
    const { upstream, target, stream, operations } = route;
    trail.upstream = upstream.name;

    const { authorization, cookie, origin, host } = request.headers;
    const token = extractToken({ query: target.query, authorization, cookie, sessionCookieName });
    const rule = route.matchRule(method, target.path);
    if (rule !== undefined) trail.rule = ruleName(rule);
    const site = { origin, secFetchSite: request.get('Sec-Fetch-Site'), host };
    refuseForeignSite(token, { method, rule }, site, ownSites);

    const address = requireAddress(request.ip);
    await limit.address(address);
    const caller = await authenticate(token, address, isPublic(rule), traceOf(response));
    const { asker, accountability } = caller;
    trail.user = accountability.user;
    if (accountability.share !== null) trail.share = accountability.share;
    trail.directusMs = roundedMs(clock() - start);

    await limit.caller(accountability);

    if (rule === undefined) {
      const onHostOf = route.mount === '' ? upstream.name : undefined;
      const asked = { method, path: route.mount + target.path, onHostOf };
      throw withSuggestion(forbidden('no_rule'), asked, suggest(accountability, asked));
    }
    const grant = authorize(accountability, rule, method, target.path);
    limit.open(upstream, accountability, response);
    const source = { request, maxBytes, invite: () => inviteBody(request, response) };
    const { path } = target;
    const write =
      grant.action === 'read' ? undefined : noteWrite?.({ upstream, grant, accountability, method, path, response });
    const follow = write?.follow ?? unfollowed;

    if (grant.rule.operation !== undefined) {
      await requireRows(directus, asker, grant, { query: [], body: [] });
      const cut = cutFor(grant.fields, upstream);
      const query = withoutToken(target.query);
      const { operation } = grant.rule;
      const call = { source, response, caller, grant, cut, query, write };
      await limit.spend({ upstream: upstream.name, rule: grant.rule, accountability, destinations: [] }, (onReceived) =>
        follow(() => operate(operations, operation, { ...call, onReceived })),
      );
      return;
    }

    const outgoing = await prepare(source, {
      route,
      accountability,
      grant,
      publicUrl: addressOf(route.mount, request),
    });
    await requireRows(directus, asker, grant, outgoing.named);

    const { destinations } = outgoing;
    // Returned, not awaited, here and below: a stream may be open for hours, and nothing of the above is needed any more.
    return limit.spend({ upstream: upstream.name, rule: grant.rule, accountability, destinations }, () => {
      if (outgoing.body === undefined) source.invite();
      const sent = clock();
      write?.sending();
      return follow(() =>
        stream(outgoing, request, response, (answer) => {
          trail.upstreamMs = roundedMs(clock() - sent);
          write?.answered(answer);
        }),
      );
    });
  };
}

const unfollowed = (send: () => Promise<void>): Promise<void> => send();

const inviteBody = (request: Request, response: Response): void => {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
};
