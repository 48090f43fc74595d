import type { RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import type { Accountability } from '../directus/accountability.ts';
import type { DescribeApi } from '../specs/describe-api.ts';
import { traceOf } from '../tracing/trace.ts';
import { arrive, type IdentifyParts } from './identify.ts';

export type SpecsRouteParts = IdentifyParts & {
  readonly describeApi: DescribeApi;
  /** PUBLIC_URL; without it, the address that the caller has used. */
  readonly publicUrl: string | undefined;
  /** Whether a rule is public, and what Directus grants to the public can be read. */
  readonly hasPublic: boolean;
};

/** `GET /server/specs/oas`: what the caller may do, as OpenAPI; for one without a token, what the public may. */
export function specsRoute(parts: SpecsRouteParts): RequestHandler {
  const { describeApi, authenticate, limit, publicUrl, hasPublic } = parts;
  /**
   * The last few documents, which cost more than most requests, for as long as Directus' answer about the caller is
   * remembered: a new answer is another object.
   */
  const written = new LRUCache<Accountability, { readonly own: string; readonly text: string }>({ max: 8 });

  return async (request, response) => {
    const { token, address } = await arrive(request, parts);
    const isKnown = token !== undefined;
    const accountability =
      isKnown || hasPublic
        ? (await authenticate(token, address, hasPublic, traceOf(response))).accountability
        : nobody(address);
    await limit.caller(accountability);
    const own = (publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/$/, '');
    const known = written.get(accountability);
    const document =
      known?.own === own
        ? known
        : { own, text: JSON.stringify(describeApi({ accountability, isKnown, address: own })) };
    written.set(accountability, document);
    response.set('Cache-Control', 'private, no-store').type('application/json').send(document.text);
  };
}

/** Somebody to whom nothing is granted. */
const nobody = (ip: string): Accountability => ({ user: null, role: null, share: null, ip, permissions: new Map() });
