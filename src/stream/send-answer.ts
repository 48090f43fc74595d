import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { answerHeaders } from '../answer/answer-headers.ts';
import type { Cut } from '../answer/cut.ts';
import { readAnswer } from '../answer/read-answer.ts';

/**
 * Sends the upstream's answer to the caller: as it comes, or what is left of it where it must be cut.
 * Rejects, with nothing sent, when it is no answer that can be sent.
 */
export async function sendAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  cut: Cut | undefined,
): Promise<void> {
  if (!isFinalStatus(answer.statusCode)) throw new Error(`The upstream answered with status ${answer.statusCode}.`);
  if (cut !== undefined) return await sendCut(answer, response, cut);
  if (endsWithConnection(answer, response.req.method)) endWithConnection(response);
  startAnswer(answer, response, answerHeaders(answer));
  setImmediate(flushHead, response);
  answer.pipe(response);
}

/** The head of a silent stream is news too; with most answers it goes out together with the first bytes. */
const flushHead = (response: ServerResponse): void => {
  if (!response.headersSent && !response.destroyed) response.flushHeaders();
};

const isFinalStatus = (status: number | undefined): boolean => status !== undefined && status >= 200 && status <= 599;

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

function startAnswer(answer: IncomingMessage, response: ServerResponse, headers: OutgoingHttpHeaders): void {
  response.statusCode = answer.statusCode ?? 502;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (name === 'vary') response.appendHeader(name, String(value));
    else response.setHeader(name, value);
  }
}

/** What describes the answer as it was before it was cut. */
const aboutTheWhole = [
  'content-length',
  'content-encoding',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'etag',
  'last-modified',
  'link',
] as const;

/** Reads the answer whole and sends what is left of it. */
async function sendCut(answer: IncomingMessage, response: ServerResponse, cut: Cut): Promise<void> {
  const status = answer.statusCode ?? 502;
  const headers = answerHeaders(answer);
  for (const name of aboutTheWhole) delete headers[name];
  if (response.req.method === 'HEAD' || status === 204) {
    answer.resume();
    startAnswer(answer, response, headers);
    response.end();
    return;
  }
  const value = await readAnswer(answer);
  const text = JSON.stringify(status < 400 ? cut.answer(value) : cut.error(value)) ?? '';
  startAnswer(answer, response, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
