import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Accountability } from '../authorize/accountability.ts';
import type { Grant } from '../authorize/authorize.ts';
import type { RequestTarget } from '../route/request-target.ts';
import { withoutToken } from '../token/extract-token.ts';
import type { BodyForm, DefaultParameter, Upstream } from '../upstreams/upstream.ts';
import { formFromJson } from './form.ts';
import { mediaType, readBody } from './read-body.ts';
import { requestHeaders } from './request-headers.ts';

/** All of what the upstream will see. */
export type Outgoing = {
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** The body where it had to be rewritten; undefined: the caller's body streams as it comes. */
  readonly body: Buffer | undefined;
};

export type Admitted = {
  readonly upstream: Upstream;
  /** Path below the upstream's name, and the query. */
  readonly target: RequestTarget;
  readonly accountability: Accountability;
  readonly grant: Grant;
};

/** Turns an admitted request into what the upstream will see. Reads the body only where it must be rewritten. */
export async function prepare(request: IncomingMessage, admitted: Admitted, maxBytes: number): Promise<Outgoing> {
  const { upstream, target, accountability, grant } = admitted;
  const headers = requestHeaders(request.headers, upstream, accountability);
  const query = withoutToken(target.query);
  const outgoing = { target: query === '' ? target.path : `${target.path}?${query}`, headers };

  const rewrite = rewriteFor(headers['content-type'], upstream.bodyForm, grant.defaults ?? []);
  if (rewrite === undefined || !hasBody(request)) return { ...outgoing, body: undefined };

  const body = Buffer.from(rewrite(await readBody(request, maxBytes)));
  const { 'transfer-encoding': _chunked, ...rest } = headers;
  return {
    ...outgoing,
    headers: { ...rest, 'content-type': formType, 'content-length': String(body.length) },
    body,
  };
}

const formType = 'application/x-www-form-urlencoded';

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** How the text of the body changes, or undefined where it streams through untouched. */
function rewriteFor(contentType: unknown, bodyForm: BodyForm, defaults: readonly DefaultParameter[]) {
  const type = mediaType(typeof contentType === 'string' ? contentType : undefined);
  if (type === 'application/json' && bodyForm !== 'json') {
    return (json: string) => withDefaults(formFromJson(json, bodyForm).toString(), defaults);
  }
  if (type === formType && defaults.length > 0) return (form: string) => withDefaults(form, defaults);
  return undefined;
}

/** The caller's form, byte for byte, followed by the defaults that it leaves room for. */
function withDefaults(form: string, defaults: readonly DefaultParameter[]): string {
  const given = new URLSearchParams(form);
  const missing = defaults.filter(({ unless }) => !unless.some((name) => given.has(name)));
  const added = new URLSearchParams(missing.map(({ parameter, value }): [string, string] => [parameter, value]));
  return [form, added.toString()].filter((part) => part !== '').join('&');
}
