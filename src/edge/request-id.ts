import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

const plain = /^[\w.-]{1,64}$/;

/** Names the request in its answer and in the log. A proxy in front may have named it already. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('X-Request-Id');
  request.id = given !== undefined && plain.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', String(request.id));
  next();
};
