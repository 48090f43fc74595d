import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isJson } from '../answer/read-answer.ts';
import { secretOf, type Upstream } from '../upstreams/upstream.ts';

type Identified = Pick<Upstream, 'audit' | 'credentials'>;

/** The most bytes of an answer that are kept to look for an id, and what they may unpack to: objects are far smaller. */
const maxBytes = 64 * 1_024;
const maxUnpackedBytes = 4 * maxBytes;

/**
 * What a successful answer names as the id of its object, as it streams past: nothing of it is changed or held up, and it
 * is parsed when it has gone. Whoever hands the pieces on must listen for them in the same turn.
 * @param onRead called once, when the answer is closed at the latest; null for no JSON, a large answer, or no fit id
 */
export function readIdentity(answer: IncomingMessage, upstream: Identified, onRead: (id: string | null) => void): void {
  const { statusCode = 0, headers } = answer;
  const unpack = unpackers.get(headers['content-encoding']?.toLowerCase() ?? 'identity');
  const isLarge = Number(headers['content-length'] ?? 0) > maxBytes;
  if (statusCode < 200 || statusCode > 299 || !isJson(answer) || isLarge || unpack === undefined) {
    onRead(null);
    return;
  }
  let pieces: Buffer[] = [];
  let size = 0;
  const keep = (piece: Buffer) => {
    size += piece.length;
    pieces.push(piece);
    if (size <= maxBytes) return;
    answer.off('data', keep);
    pieces = [];
  };
  answer.on('data', keep);
  answer.once('close', () => {
    unpack(Buffer.concat(pieces))
      .then((bytes) => identityIn(JSON.parse(bytes.toString('utf8')), upstream))
      .then(onRead, () => onRead(null)); // it is no JSON, or not all of it has come
  });
}

/** The id in an answer that was parsed. Never the gateway's credential, wherever it stands. */
export function identityIn(value: unknown, { audit: { idMember }, credentials }: Identified): string | null {
  let found: unknown = value;
  for (const name of idMember.split('.')) {
    found = typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? Reflect.get(found, name) : null;
  }
  return plainId(typeof found === 'number' ? String(found) : found, credentials);
}

/** What is fit to be one, short and without spaces; else null. */
export const plainId = (id: unknown, credentials: Upstream['credentials']): string | null =>
  typeof id === 'string' && /^[\x21-\x7e]{1,255}$/.test(id) && !credentials.some((each) => secretOf(each).isIn(id))
    ? id
    : null;

const most = { maxOutputLength: maxUnpackedBytes };
const unpackers: ReadonlyMap<string, (bytes: Buffer) => Promise<Buffer>> = new Map([
  ['identity', (bytes: Buffer) => Promise.resolve(bytes)],
  ['gzip', (bytes: Buffer) => promisify(gunzip)(bytes, most)],
  ['x-gzip', (bytes: Buffer) => promisify(gunzip)(bytes, most)],
  ['deflate', (bytes: Buffer) => promisify(inflate)(bytes, most)],
  ['br', (bytes: Buffer) => promisify(brotliDecompress)(bytes, most)],
]);
