import type { IncomingMessage } from 'node:http';
import { GatewayError, invalidPayload } from '../errors/gateway-error.ts';
import { Unsent } from '../limit/unsent.ts';
import { CallerGone } from '../stream/caller-gone.ts';

export type BodySource = {
  readonly request: IncomingMessage;
  /** MAX_PAYLOAD_SIZE */
  readonly maxBytes: number;
  /** Tells a client that waits for `100 Continue` to send its body. */
  readonly invite: () => void;
};

/**
 * The whole body as text, for the cases in which it must be known before it is sent.
 * @throws GatewayError CONTENT_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE (compressed or not UTF-8), INVALID_PAYLOAD (bad UTF-8)
 * @throws CallerGone
 */
export async function readBody({ request, maxBytes, invite }: BodySource): Promise<string> {
  const { 'content-length': length, 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', { message: 'The body must not be compressed here.' });
  }
  if (!/^(utf-?8)?$/i.test(charset(request.headers['content-type']))) {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', { message: 'The body must be UTF-8 here.' });
  }
  if (Number(length ?? 0) > maxBytes) throw tooLarge();
  invite();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of arriving(request)) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw invalidPayload('The body is not valid UTF-8', error);
  }
}

async function* arriving(request: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* request;
  } catch (error) {
    throw new CallerGone(error); // nothing else ends a body before its end
  }
}

/** Type and subtype of a Content-Type, in lower case; empty when there is none. */
export const mediaType = (contentType: string | undefined): string =>
  contentType?.split(';')[0]?.trim().toLowerCase() ?? '';

const charset = (contentType: string | undefined): string =>
  /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType ?? '')?.[1] ?? '';

const tooLarge = () => new GatewayError('CONTENT_TOO_LARGE', { cause: new Unsent('It was read, and not sent.') });
