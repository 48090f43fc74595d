import type { IncomingHttpHeaders } from 'node:http';
import { type Cut, cutFor } from '../answer/cut.ts';
import type { Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { RequestTarget } from '../route/request-target.ts';
import { withoutToken } from '../token/extract-token.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { type Content, complete, contentParameters, emptyContent, readContent, serialize } from './content.ts';
import { type Parameter, requireOneMeaning, unambiguousParameters } from './parameters.ts';
import type { BodySource } from './read-body.ts';
import { requestHeaders } from './request-headers.ts';
import { requireListed } from './weigh-parameters.ts';

/** All of what the upstream will see, and what of its answer the caller will. */
export type Outgoing = {
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** The body where it had to be read; undefined: the caller's body streams as it comes. */
  readonly body: Buffer | undefined;
  /** What the answer is cut to; undefined: it streams as it comes. */
  readonly cut: Cut | undefined;
  readonly named: Named;
};

/** What query and body name, where something depends on it. */
export type Named = { readonly query: readonly Parameter[]; readonly body: readonly Parameter[] };

export type Admitted = {
  readonly upstream: Upstream;
  /** Path below the upstream's name, and the query. */
  readonly target: RequestTarget;
  readonly accountability: Accountability;
  readonly grant: Grant;
};

/**
 * Turns an admitted request into what the upstream will see. Reads the body only where something depends on it.
 * @throws GatewayError FORBIDDEN for parameters that the permission does not list; INVALID_PAYLOAD,
 *   UNSUPPORTED_MEDIA_TYPE, CONTENT_TOO_LARGE for bodies that must be read and cannot be
 */
export async function prepare(source: BodySource, admitted: Admitted): Promise<Outgoing> {
  const { upstream, target, accountability, grant } = admitted;
  const { bodyForm } = upstream;
  const { presets, rule } = grant;
  const query = withoutToken(target.query);
  const cut = cutFor(grant.fields, upstream);
  const headers = requestHeaders(source.request.headers, upstream, accountability, cut !== undefined);

  const weighed = isWeighed(grant);
  const defaults = rule.defaults ?? [];
  const content = await readContent(source, headers['content-type'], {
    bodyForm,
    weighed,
    completed: defaults.length > 0,
  });
  const named = weighed ? parametersOf(query, content, upstream) : { query: [], body: [] };
  requireListed([...named.query, ...named.body], grant, upstream);

  const base = { target: query === '' ? target.path : `${target.path}?${query}`, cut, named };
  const filled = content ?? (Object.keys(presets).length > 0 ? emptyContent(bodyForm) : undefined);
  if (filled === undefined) return { ...base, headers, body: undefined };

  const { contentType, body } = serialize(
    complete(filled, [...named.query, ...named.body], { ...grant, defaults }, bodyForm),
  );
  const { 'transfer-encoding': _chunked, ...rest } = headers;
  return { ...base, headers: { ...rest, 'content-type': contentType, 'content-length': String(body.length) }, body };
}

/** Whether something is decided by what the request names. */
const isWeighed = ({ fields, presets, rows }: Grant): boolean =>
  fields !== 'all' || rows !== 'all' || Object.keys(presets).length > 0;

function parametersOf(query: string, content: Content | undefined, { bodyForm }: Upstream): Named {
  const repeatable = bodyForm === 'form-flat';
  const named = {
    query: unambiguousParameters(query, repeatable),
    body: content === undefined ? [] : contentParameters(content, bodyForm),
  };
  requireOneMeaning([...named.query, ...named.body], repeatable);
  return named;
}
