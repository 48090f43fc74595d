import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets an answer run through as it comes. Its status and headers have been set before. */
export function pipeAnswer(answer: IncomingMessage, response: ServerResponse): void {
  if (endsWithConnection(answer, response.req.method)) endWithConnection(response);
  setImmediate(flushHead, response);
  answer.pipe(response);
}

/** The head of a silent stream is news too; with most answers it goes out together with the first bytes. */
const flushHead = (response: ServerResponse): void => {
  if (!response.headersSent && !response.destroyed) response.flushHeaders();
};

export const isFinalStatus = (status: number | undefined): boolean =>
  status !== undefined && status >= 200 && status <= 599;

/** Whether nothing but the end of the connection says where the answer ends. */
const endsWithConnection = ({ headers, statusCode }: IncomingMessage, method: string | undefined): boolean => {
  const hasBody = method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return hasBody && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
};

/** As for the gateway, so for the caller: a final chunk would vouch for an answer that may have been cut off. */
function endWithConnection(response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  response.removeHeader('Transfer-Encoding');
}
