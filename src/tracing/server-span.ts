import type { ServerResponse } from 'node:http';
import type { Attributes } from '@opentelemetry/api';
import type { Trail } from '../log/trail.ts';
import { isCutOff } from '../log/when-ended.ts';
import { knownMethod, spanName } from './known-method.ts';
import type { Site } from './site.ts';
import type { TracedRequest } from './trace.ts';
import { routeOf } from './traced.ts';

export type Described = { readonly name: string; readonly attributes: Attributes; readonly isError: boolean };

/**
 * What is told of a request, in the words of OpenTelemetry's conventions for HTTP. As with metrics, names of the set-up
 * and words of closed sets alone: `url.path` and `url.query`, which those ask for, may name people and hold tokens.
 */
export function describeRequest(
  { method, route: own }: TracedRequest,
  response: ServerResponse,
  { upstream, rule, code }: Trail,
  { address, port, scheme }: Site,
): Described {
  const route = routeOf(rule) ?? (typeof own?.path === 'string' ? own.path : undefined);
  const { status, failure, isCut, isError } = outcomeOf(response, code);
  const said = {
    'http.request.method': knownMethod(method) ?? '_OTHER',
    'http.route': route,
    'http.response.status_code': status,
    'url.scheme': scheme,
    'server.address': address,
    'server.port': port,
    'error.type': failure,
    'directus_gateway.upstream': upstream,
    'directus_gateway.rule': rule,
    'directus_gateway.cut_off': isCut || undefined,
  };
  const attributes = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { name: spanName(method, route), attributes, isError };
}

/** A caller who has left, or is refused, is no fault of the gateway's. */
function outcomeOf(response: ServerResponse, code: string | undefined) {
  const status = response.headersSent ? response.statusCode : undefined;
  const isCut = isCutOff(response);
  const isError = (status ?? 0) >= 500 || (isCut && code !== undefined);
  return { status, isCut, isError, failure: code ?? (isError ? String(status) : undefined) };
}
