import type { RequestHandler } from 'express';
import { invalidPayload } from '../errors/gateway-error.ts';
import type { Explain } from '../explain.ts';
import { parseRequestTarget } from '../route/request-target.ts';
import { withoutToken } from '../token/extract-token.ts';
import { type IdentifyParts, identify } from './identify.ts';

export type ExplainRouteParts = IdentifyParts & {
  readonly explain: Explain;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** `GET /gateway/explain?method=&path=`: callers ask about themselves, with their own token. */
export const explainRoute =
  ({ explain, now, ...parts }: ExplainRouteParts): RequestHandler =>
  async (request, response) => {
    const at = now();
    const caller = await identify(request, parts);
    const asked = new URLSearchParams(withoutToken(parseRequestTarget(request.originalUrl).query));
    const [method, path] = [asked.get('method') ?? 'GET', asked.get('path')];
    if (path === null) throw invalidPayload('"path" is required');
    response.set('Cache-Control', 'no-store').json({ data: await explain({ method, path, caller, at }) });
  };
