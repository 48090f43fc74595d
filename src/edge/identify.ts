import type { Request } from 'express';
import type { Authenticate, Caller } from '../authenticate/authenticate.ts';
import { requireAddress } from '../authenticate/require-address.ts';
import type { Limit } from '../limit/limit.ts';
import { parseRequestTarget } from '../route/request-target.ts';
import { extractToken, type Token } from '../token/extract-token.ts';
import { traceOf } from '../tracing/trace.ts';

export type IdentifyParts = {
  readonly authenticate: Authenticate;
  readonly limit: Pick<Limit, 'address' | 'caller'>;
  readonly sessionCookieName: string;
};

/** Who asks one of the gateway's own routes, held to the same measure as everywhere. @throws as for an API's route */
export async function identify(request: Request, parts: IdentifyParts): Promise<Caller> {
  const { authenticate, limit } = parts;
  const { token, address } = await arrive(request, parts);
  const caller = await authenticate(token, address, false, request.res && traceOf(request.res));
  await limit.caller(caller.accountability);
  return caller;
}

type Arrived = { readonly token: Token | undefined; readonly address: string };

/** What a request bears, before anybody is asked about it. Counts its address. */
export async function arrive(
  request: Request,
  { limit, sessionCookieName }: Pick<IdentifyParts, 'limit' | 'sessionCookieName'>,
): Promise<Arrived> {
  const { query } = parseRequestTarget(request.originalUrl);
  const { authorization, cookie } = request.headers;
  const token = extractToken({ query, authorization, cookie, sessionCookieName });
  const address = requireAddress(request.ip);
  await limit.address(address);
  return { token, address };
}
