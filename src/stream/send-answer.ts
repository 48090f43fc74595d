import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { answerHeaders } from '../answer/answer-headers.ts';
import type { Cut } from '../answer/cut.ts';
import { isJson, readAnswer } from '../answer/read-answer.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/**
 * Sends the upstream's answer to the caller: as it comes, or what is left of it where it must be cut, its links the
 * gateway's.
 * Rejects, with nothing sent, when it is no answer that can be sent.
 */
export async function sendAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  { cut, addresses }: Pick<Outgoing, 'cut' | 'addresses'>,
  upstream: Upstream,
): Promise<void> {
  if (!isFinalStatus(answer.statusCode)) throw new Error(`The upstream answered with status ${answer.statusCode}.`);
  const headers = answerHeaders(answer, upstream, addresses);
  const { members = (json: string) => json } = addresses;
  if (cut !== undefined) {
    delete headers.link; // it may tell of what is cut
    return await sendRead(answer, response, headers, (json) => members(cutText(json, answer, cut)));
  }
  if (addresses.members !== undefined && isJson(answer)) return await sendRead(answer, response, headers, members);
  if (endsWithConnection(answer, response.req.method)) endWithConnection(response);
  startAnswer(answer, response, headers);
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

/** What describes the answer as it was before it was changed. */
const aboutTheWhole = [
  'content-length',
  'content-encoding',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'etag',
  'last-modified',
] as const;

/** Reads the answer whole, which is JSON, and sends what becomes of it. */
async function sendRead(
  answer: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  change: (json: string) => string,
): Promise<void> {
  for (const name of aboutTheWhole) delete headers[name];
  if (response.req.method === 'HEAD' || answer.statusCode === 204) {
    answer.resume();
    startAnswer(answer, response, headers);
    response.end();
    return;
  }
  const text = change(await readAnswer(answer));
  startAnswer(answer, response, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function cutText(json: string, { statusCode = 502 }: IncomingMessage, cut: Cut): string {
  const value: unknown = JSON.parse(json);
  return JSON.stringify(statusCode < 400 ? cut.answer(value) : cut.error(value)) ?? '';
}
