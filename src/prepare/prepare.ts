import type { IncomingHttpHeaders } from 'node:http';
import { type Cut, cutFor } from '../answer/cut.ts';
import { type GatewayAddresses, gatewayAddresses } from '../answer/gateway-addresses.ts';
import type { Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { destinationsOf } from '../limit/destinations.ts';
import type { RequestTarget } from '../route/request-target.ts';
import { withoutToken } from '../token/extract-token.ts';
import { destinationOf } from '../upstreams/destination.ts';
import { underRule } from '../upstreams/under-rule.ts';
import type { Action, GoverningRule, Upstream } from '../upstreams/upstream.ts';
import { type Content, complete, contentParameters, emptyContent, readContent, serialize } from './content.ts';
import { withCredential } from './credentials.ts';
import { type Named, type Parameter, requireOneMeaning, unambiguousParameters } from './parameters.ts';
import type { BodySource } from './read-body.ts';
import { requestHeaders } from './request-headers.ts';
import { requireOwnMethod } from './require-own-method.ts';
import { isBodyWeighed, isForbidding, requireListed, requirePermitted } from './weigh-parameters.ts';

/** All of what the upstream will see, and what of its answer the caller will. */
export type Outgoing = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What its rule takes it for, whatever its method. */
  readonly action: Action;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** The body where it had to be read; undefined: the caller's body streams as it comes. */
  readonly body: Buffer | undefined;
  /** What the answer is cut to; undefined: the caller sees all of it. */
  readonly cut: Cut | undefined;
  readonly addresses: GatewayAddresses;
  /** Whether the answer may take as long as it likes. */
  readonly isStream: boolean;
  readonly named: Named;
  /** The telephone numbers that it is for, where its rule limits them. */
  readonly destinations: readonly string[];
};

export type Admitted = {
  readonly route: { readonly upstream: Upstream; readonly target: RequestTarget; readonly mount: string };
  readonly accountability: Accountability;
  readonly grant: Grant;
  /** Scheme and host by which the caller has reached the gateway. */
  readonly publicUrl: string;
};

/**
 * Turns an admitted request into what the upstream will see. Reads the body only where something depends on it.
 * @throws GatewayError FORBIDDEN for parameters and destinations that may not be sent; INVALID_PAYLOAD, UNSUPPORTED_MEDIA_TYPE,
 *   CONTENT_TOO_LARGE for bodies that must be read and cannot be
 */
export async function prepare(source: BodySource, admitted: Admitted): Promise<Outgoing> {
  const { route, accountability, grant, publicUrl } = admitted;
  const upstream = underRule(route.upstream, grant.rule);
  const { presets, rule, action } = grant;
  const query = withoutToken(route.target.query);
  const destination = destinationOf(upstream, route.target.path, rule.host);
  const { origin, path } = destination;
  const cut = cutFor(grant.fields, upstream);
  const addresses = gatewayAddresses(upstream, destination, publicUrl + route.mount);
  const read = { isCut: cut !== undefined, isRead: cut !== undefined || addresses.members !== undefined };
  const headers = requestHeaders(source.request.headers, upstream, accountability, read);
  requireSize(headers, upstream);

  const { requestBodyBytes = source.maxBytes } = upstream.limits;
  const bounded = { ...source, maxBytes: Math.min(source.maxBytes, requestBodyBytes) };
  const { content, named } = await weigh(bounded, query, headers['content-type'], { upstream, grant });
  const sent = withCredential({ headers, target: query === '' ? path : `${path}?${query}` }, upstream, origin);
  const base = { origin, action, target: sent.target, cut, addresses, isStream: rule.stream === true, named };
  const filled = content ?? (Object.keys(presets).length > 0 ? emptyContent(upstream.bodyForm) : undefined);
  const given = [...named.query, ...named.body];
  if (filled === undefined) {
    return { ...base, headers: sent.headers, body: undefined, destinations: limited(given, rule) };
  }

  const whole = complete(filled, given, { ...grant, defaults: rule.defaults ?? [] }, upstream.bodyForm);
  const destinations =
    rule.destinations === undefined
      ? []
      : limited([...named.query, ...contentParameters(whole, upstream.bodyForm)], rule); // a preset names some too
  const { contentType, body } = serialize(whole);
  const { 'transfer-encoding': _chunked, ...rest } = sent.headers;
  const written = { ...rest, 'content-type': contentType, 'content-length': String(body.length) };
  return { ...base, headers: written, body, destinations };
}

const limited = (sent: readonly Parameter[], { destinations }: GoverningRule): readonly string[] =>
  destinations === undefined ? [] : destinationsOf(sent, destinations);

function requireSize(headers: IncomingHttpHeaders, { limits: { requestBodyBytes } }: Upstream): void {
  if (requestBodyBytes !== undefined && Number(headers['content-length'] ?? 0) > requestBodyBytes)
    throw new GatewayError('CONTENT_TOO_LARGE');
}

type Weighed = { readonly upstream: Upstream; readonly grant: Grant };

/** Reads what something depends on, and refuses what may not be sent. */
async function weigh(source: BodySource, query: string, contentType: string | undefined, { upstream, grant }: Weighed) {
  const { bodyForm } = upstream;
  const weighed = isBodyWeighed(grant, upstream);
  const content = await readContent(source, contentType, {
    bodyForm,
    weighed,
    completed: grant.rule.defaults !== undefined,
  });
  requireOwnMethod(query, content);
  if (!weighed && !isForbidding(upstream, grant.rule)) return { content, named: { query: [], body: [] } };
  const named = parametersOf(query, weighed ? content : undefined, upstream);
  requirePermitted(named, upstream);
  requireListed([...named.query, ...named.body], grant, upstream);
  return { content, named };
}

function parametersOf(query: string, content: Content | undefined, { bodyForm }: Upstream): Named {
  const repeatable = bodyForm === 'form-flat';
  const named = {
    query: unambiguousParameters(query, repeatable),
    body: content === undefined ? [] : contentParameters(content, bodyForm),
  };
  requireOneMeaning([...named.query, ...named.body], repeatable);
  return named;
}
