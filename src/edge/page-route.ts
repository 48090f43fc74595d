import type { ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import helmet from 'helmet';
import { loadPage, type PageFiles } from '../api-page/load-page.ts';
import { requireAddress } from '../authenticate/require-address.ts';
import type { Limit } from '../limit/limit.ts';

export type PageRouteParts = {
  readonly limit: Pick<Limit, 'address'>;
  /** The address at which browsers reach Directus; undefined: the gateway's own, behind the front door. */
  readonly directusUrl: string | undefined;
};

/**
 * `GET /gateway/` and the files below it: the API page. They are the same for everybody; what a caller may do, the page
 * asks for with the caller's own token. Read at the first request, and kept.
 */
export function pageRoute({ limit, directusUrl }: PageRouteParts): RequestHandler {
  const settings = JSON.stringify({ directusUrl: directusUrl ?? null });
  const setPolicy = policyOf(directusUrl);
  let files: Promise<PageFiles> | undefined;

  return async (request, response, next) => {
    const [path = ''] = request.originalUrl.split('?', 1);
    if (path === '/gateway') {
      // Relative, so that it holds behind a proxy that adds a path, too.
      response.redirect(308, 'gateway/');
      return;
    }
    files ??= loadPage(settings).catch((error: unknown) => {
      files = undefined;
      throw error;
    });
    const file = (await files).get(path.slice('/gateway/'.length));
    if (file === undefined) {
      next();
      return;
    }
    await limit.address(requireAddress(request.ip));
    setPolicy(request, response, () => undefined);
    response.set({ 'Content-Type': file.type, 'Cache-Control': 'no-cache', ETag: file.etag, Vary: 'Accept-Encoding' });
    if (request.fresh) response.status(304).end();
    else sendPacked(request, response, file);
  };
}

function sendPacked(
  request: Request,
  response: ServerResponse,
  { whole, packed }: { readonly whole: Buffer; readonly packed: Buffer },
): void {
  const isPacked = request.acceptsEncodings('gzip') === 'gzip';
  const body = isPacked ? packed : whole;
  if (isPacked) response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/**
 * The page runs its own scripts and nothing else, and speaks to the gateway and to Directus alone. Images are those that
 * the library's style sheet has in it.
 */
function policyOf(directusUrl: string | undefined) {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", ...(directusUrl === undefined ? [] : [new URL(directusUrl).origin])],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
}
