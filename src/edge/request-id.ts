import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { trailOf } from '../log/trail.ts';

const plain = /^[\w.-]{1,64}$/;

/** Names the request in its answer and in the log. A proxy in front may have named it already. */
export function nameRequest(request: IncomingMessage, response: ServerResponse): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && plain.test(given) ? given : randomUUID();
  trailOf(response).requestId = id;
  response.setHeader('X-Request-Id', id);
}
