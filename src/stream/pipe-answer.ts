import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets an answer run through as it comes, no faster than it is taken. Its status and headers have been set before. An
 * answer that breaks off is left as it is: whoever knows what that means must break the response off, too.
 */
export function pipeAnswer(answer: IncomingMessage, response: ServerResponse): void {
  if (endsWithConnection(answer, response.req.method)) endWithConnection(response);
  let left = Number(answer.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  answer.on('data', (piece: Buffer) => {
    if (response.destroyed) {
      answer.destroy();
      return;
    }
    left -= piece.length;
    if (left === 0)
      response.end(piece); // with its last piece, rather than after it
    else if (!response.write(piece)) wait(answer, response);
  });
  answer.once('end', () => {
    if (!response.writableEnded && !response.destroyed) response.end();
  });
  process.nextTick(flushHead, response);
}

const wait = (answer: IncomingMessage, response: ServerResponse): void => {
  answer.pause();
  response.once('drain', () => answer.resume());
};

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
