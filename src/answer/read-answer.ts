import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { GatewayError } from '../errors/gateway-error.ts';

/** Most bytes of an answer that is read in order to be cut, compressed or not. */
export const maxAnswerBytes = 10 * 1_024 * 1_024;

/**
 * The value of an upstream's answer, which is JSON; undefined where the answer is empty, whatever it calls itself.
 * @throws GatewayError UPSTREAM_ANSWER_UNREADABLE when it is no JSON, too large, or compressed in an unknown way
 */
export async function readAnswer(answer: IncomingMessage): Promise<unknown> {
  if (!isJson(answer)) {
    if (await isEmpty(answer)) return undefined;
    throw unreadable('it is not JSON');
  }
  const text = await readText(answer);
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw unreadable('it is broken');
  }
}

/**
 * The text of an upstream's answer.
 * @throws GatewayError UPSTREAM_ANSWER_UNREADABLE when it is too large, broken off, or compressed in an unknown way
 */
export async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Not destroyed when it is given up: that would break the client's connection before it is told why.
    for await (const chunk of decoded(answer).iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > maxAnswerBytes) throw unreadable(`it is larger than ${maxAnswerBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw error instanceof GatewayError ? error : unreadable('it is broken');
  }
}

async function isEmpty(answer: IncomingMessage): Promise<boolean> {
  for await (const _piece of answer.iterator({ destroyOnReturn: false })) return false;
  return true;
}

export const isJson = ({ headers }: IncomingMessage): boolean => jsonType.test(headers['content-type'] ?? '');

const jsonType = /^application\/([\w.+-]+\+)?json\b/i;

function decoded(answer: IncomingMessage): Readable {
  const isNothing = answer.headers['content-length'] === '0'; // no archive either
  const encoding = isNothing ? 'identity' : (answer.headers['content-encoding']?.toLowerCase() ?? 'identity');
  switch (encoding) {
    case 'identity':
      return answer;
    case 'gzip':
    case 'x-gzip':
      return through(answer, createGunzip());
    case 'deflate':
      return through(answer, createInflate());
    case 'br':
      return through(answer, createBrotliDecompress());
    default:
      throw unreadable('its encoding is not known');
  }
}

/** Not `compose`: with that, an archive that is cut off would end the process. */
function through(answer: IncomingMessage, unpack: Transform): Readable {
  answer.once('error', (error) => unpack.destroy(error));
  unpack.on('error', () => answer.resume());
  return answer.pipe(unpack);
}

const unreadable = (reason: string): GatewayError =>
  new GatewayError('UPSTREAM_ANSWER_UNREADABLE', { extensions: { reason } });
