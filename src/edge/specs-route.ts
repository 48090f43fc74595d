import type { RequestHandler } from 'express';
import type { Authenticate } from '../authenticate/authenticate.ts';
import { requireAddress } from '../authenticate/require-address.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { Limit } from '../limit/limit.ts';
import { parseRequestTarget } from '../route/request-target.ts';
import type { DescribeApi } from '../specs/describe-api.ts';
import { extractToken } from '../token/extract-token.ts';

export type SpecsRouteParts = {
  readonly describeApi: DescribeApi;
  readonly authenticate: Authenticate;
  readonly limit: Pick<Limit, 'address' | 'caller'>;
  readonly sessionCookieName: string;
  /** PUBLIC_URL; without it, the address that the caller has used. */
  readonly publicUrl: string | undefined;
  /** Whether a rule is public, and what Directus grants to the public can be read. */
  readonly hasPublic: boolean;
};

/** `GET /server/specs/oas`: what the caller may do, as OpenAPI; for one without a token, what the public may. */
export const specsRoute =
  ({ describeApi, authenticate, limit, sessionCookieName, publicUrl, hasPublic }: SpecsRouteParts): RequestHandler =>
  async (request, response) => {
    const { query } = parseRequestTarget(request.originalUrl);
    const { authorization, cookie } = request.headers;
    const token = extractToken({ query, authorization, cookie, sessionCookieName });
    const address = requireAddress(request.ip);
    await limit.address(address);
    const isKnown = token !== undefined;
    const accountability =
      isKnown || hasPublic ? (await authenticate(token, address, hasPublic)).accountability : nobody(address);
    await limit.caller(accountability);
    const own = publicUrl ?? `${request.protocol}://${request.host}`;
    response
      .set('Cache-Control', 'private, no-store')
      .json(describeApi({ accountability, isKnown, address: own.replace(/\/$/, '') }));
  };

/** Somebody to whom nothing is granted. */
const nobody = (ip: string): Accountability => ({ user: null, role: null, share: null, ip, permissions: new Map() });
