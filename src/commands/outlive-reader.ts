import type { Writable } from 'node:stream';
import { codeOf } from '../errors/code-of.ts';

/** Has a command finish its work where nobody reads its words any more, as in `directus-gateway init | head`. */
export function outliveReader(output: Writable): void {
  output.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}
