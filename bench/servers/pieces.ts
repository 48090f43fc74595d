import { Readable } from 'node:stream';

const piece = Buffer.alloc(65_536, 'x');

/** So many bytes, in pieces as large as those of a file, none faster than it is taken. */
export function pieces(bytes: number): Readable {
  let left = bytes;
  return new Readable({
    highWaterMark: piece.length,
    read() {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      this.push(next.length === 0 ? null : next);
    },
  });
}
