import type { IncomingMessage, ServerResponse } from 'node:http';
import { Unsent } from '../limit/unsent.ts';

/** The caller has left before anything was sent. Bears Node's code for an answer that is written to nobody. */
export class CallerGone extends Unsent {
  readonly code = 'ERR_STREAM_DESTROYED';

  constructor(cause?: unknown) {
    super('The caller has left.', { cause });
  }
}

export const isGone = (request: IncomingMessage, response: ServerResponse): boolean =>
  response.destroyed || request.socket.destroyed;

/** @throws CallerGone */
export function requireCaller(request: IncomingMessage, response: ServerResponse): void {
  if (isGone(request, response)) throw new CallerGone();
}
