import { methods } from '../upstreams/upstream.ts';

/** A method of a closed set; undefined for any other that a caller may have sent. */
export const knownMethod = (method: string | undefined): string | undefined =>
  method !== undefined && known.has(method) ? method : undefined;

const known: ReadonlySet<string> = new Set([...methods, 'OPTIONS', 'SEARCH']);

/** `GET /v1/customers/:id`, in the words of OpenTelemetry's conventions for HTTP. */
export const spanName = (method: string | undefined, route: string | undefined): string =>
  [knownMethod(method) ?? 'HTTP', ...(route === undefined ? [] : [route])].join(' ');
