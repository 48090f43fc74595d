import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { codeOf, isClosed } from '../errors/code-of.ts';
import type { Action } from '../upstreams/upstream.ts';

export type Attempt = {
  readonly proxyRequest: ClientRequest | undefined;
  /** What had come over the socket before the request was sent. */
  readonly bytesBefore: number;
};

/**
 * Whether this failure means no more than that the connection, kept from an earlier request, had been closed by the
 * other side: nothing of an answer has come. The request may have been received nevertheless (RFC 9110, section 9.2.2).
 */
export function isStale({ proxyRequest, bytesBefore }: Attempt, cause: unknown): boolean {
  return proxyRequest?.reusedSocket === true && proxyRequest.socket?.bytesRead === bytesBefore && isClosed(cause);
}

export type Repeatable = {
  readonly method: string | undefined;
  /** What its rule takes it for; undefined: what its method stands for. */
  readonly action?: Action | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The body where it was read. */
  readonly body: Buffer | undefined;
  /** Header by which the other side recognises a repeated request. */
  readonly idempotencyHeader: string | undefined;
};

/** Whether a request may be sent twice, and can be. */
export const isRepeatable = ({ method = '', action = 'read', headers, body, idempotencyHeader }: Repeatable): boolean =>
  ((safeMethods.has(method) && action === 'read') ||
    (idempotencyHeader !== undefined && headers[idempotencyHeader] !== undefined)) &&
  (body !== undefined || hasNoBody(headers));

/**
 * Stands for the error of a repetition, since the first attempt may have been received: it bears neither the code, by
 * which a client would repeat once more, nor the error, by which the request would count as never sent.
 */
export const repetitionFailed = (error: unknown): Error =>
  new Error(`A connection was closed, and repeating the request failed: ${codeOf(error) ?? error}.`);

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export const hasNoBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
