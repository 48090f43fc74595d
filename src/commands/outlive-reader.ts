import type { Writable } from 'node:stream';

/** Has a command finish its work where nobody reads its words any more, as in `directus-gateway init | head`. */
export function outliveReader(output: Writable): void {
  output.on('error', (error) => {
    if (!('code' in error && error.code === 'EPIPE')) throw error;
  });
}
