import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectionOptions } from '../http/hop-by-hop.ts';
import { isFinalStatus, pipeAnswer } from '../stream/pipe-answer.ts';
import { isOfThisHop } from './headers.ts';

/**
 * Directus' answer as it came.
 * @throws when it is none that can be sent, with nothing sent
 */
export function handOn(answer: IncomingMessage, response: ServerResponse): void {
  if (!isFinalStatus(answer.statusCode)) throw new Error(`Directus answered with status ${answer.statusCode}.`);
  answer.on('error', () => response.destroy()); // cut off: it must not look complete
  response.statusCode = answer.statusCode ?? 0;
  setAnswerHeaders(answer, response);
  pipeAnswer(answer, response);
}

/** Directus' answer headers as they came, each line of them; the name of the request is the gateway's own. */
export function setAnswerHeaders(answer: IncomingMessage, response: ServerResponse): void {
  const own = connectionOptions(answer.headers.connection);
  for (const [index, name] of answer.rawHeaders.entries()) {
    if (index % 2 === 1) continue;
    const lowered = name.toLowerCase();
    if (isOfThisHop(lowered, own) || lowered === 'x-request-id') continue;
    response.appendHeader(name, answer.rawHeaders[index + 1] ?? '');
  }
}
