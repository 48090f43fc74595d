import type { RequestHandler } from 'express';
import type { Authenticate } from '../authenticate/authenticate.ts';
import { requireAddress } from '../authenticate/require-address.ts';
import { invalidPayload } from '../errors/gateway-error.ts';
import type { Explain } from '../explain.ts';
import type { Limit } from '../limit/limit.ts';
import { parseRequestTarget } from '../route/request-target.ts';
import { extractToken, withoutToken } from '../token/extract-token.ts';

export type ExplainRouteParts = {
  readonly explain: Explain;
  readonly authenticate: Authenticate;
  readonly limit: Pick<Limit, 'address' | 'caller'>;
  readonly sessionCookieName: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** `GET /gateway/explain?method=&path=`: callers ask about themselves, with their own token. */
export const explainRoute =
  ({ explain, authenticate, limit, sessionCookieName, now }: ExplainRouteParts): RequestHandler =>
  async (request, response) => {
    const at = now();
    const { query } = parseRequestTarget(request.originalUrl);
    const { authorization, cookie } = request.headers;
    const token = extractToken({ query, authorization, cookie, sessionCookieName });
    const address = requireAddress(request.ip);
    await limit.address(address);
    const caller = await authenticate(token, address, false);
    await limit.caller(caller.accountability);
    const asked = new URLSearchParams(withoutToken(query));
    const [method, path] = [asked.get('method') ?? 'GET', asked.get('path')];
    if (path === null) throw invalidPayload('"path" is required');
    response.set('Cache-Control', 'no-store').json({ data: await explain({ method, path, caller, at }) });
  };
