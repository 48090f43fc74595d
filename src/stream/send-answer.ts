import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { answerHeaders } from '../answer/answer-headers.ts';
import type { Cut } from '../answer/cut.ts';
import { isJson, readAnswer, readText } from '../answer/read-answer.ts';
import { requireDiscreet, whenIndiscreet } from '../answer/require-discreet.ts';
import type { Outgoing } from '../prepare/prepare.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { isFinalStatus, pipeAnswer } from './pipe-answer.ts';

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
  const sendOnce = (read: () => Promise<string>) =>
    sendRead(answer, response, headers, async () => {
      const text = members(await read());
      requireDiscreet(text, upstream);
      return text;
    });
  if (cut !== undefined) {
    delete headers.link; // it may tell of what is cut
    for (const name of leadingOn) if (!addresses.isHere(String(headers[name]))) delete headers[name];
    return await sendOnce(async () => cutText(await readAnswer(answer), answer, cut));
  }
  if (addresses.members !== undefined && isJson(answer)) return await sendOnce(() => readText(answer));
  startAnswer(answer, response, headers);
  return pipeDiscreetly(answer, response, upstream);
}

/** Headers that lead to what is cut as well, unless it is elsewhere. */
const leadingOn = ['location', 'content-location'] as const;

/** Rejects where the connection had to be broken: the head is out, or as good as, when the rest comes. */
function pipeDiscreetly(answer: IncomingMessage, response: ServerResponse, upstream: Upstream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  whenIndiscreet(answer, upstream, (error) => {
    response.destroy();
    reject(error);
  });
  answer.once('close', resolve);
  pipeAnswer(answer, response);
  return promise;
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

/** Sends what becomes of the answer when it is read whole. */
async function sendRead(
  answer: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  read: () => Promise<string>,
): Promise<void> {
  for (const name of aboutTheWhole) delete headers[name];
  if (response.req.method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304) {
    answer.resume();
    startAnswer(answer, response, headers);
    response.end();
    return;
  }
  const text = await read();
  startAnswer(answer, response, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function cutText(value: unknown, { statusCode = 502 }: IncomingMessage, cut: Cut): string {
  return JSON.stringify(statusCode < 400 ? cut.answer(value) : cut.error(value)) ?? '';
}
