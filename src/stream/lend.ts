import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

type AsItCame = { readonly url: string | undefined; readonly headers: IncomingHttpHeaders };
const asItCame = Symbol('as it came');
type Lent = IncomingMessage & { [asItCame]?: AsItCame | undefined };

/** Has a request say what is to be sent: the proxy reads it there, and must never find the caller's own headers. */
export function lend(request: Lent, { target, headers }: { target: string; headers: IncomingHttpHeaders }): void {
  request[asItCame] ??= { url: request.url, headers: request.headers };
  request.url = target;
  request.headers = headers;
}

/** Has it say again what the caller has sent, for whoever answers them. Only once the proxy has read it. */
export function takeBack(request: Lent): void {
  const before = request[asItCame];
  if (before === undefined) return;
  request.url = before.url;
  request.headers = before.headers;
  request[asItCame] = undefined;
}
