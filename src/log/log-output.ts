import { type DestinationStream, pino } from 'pino';

/**
 * Standard output, in a style: `pretty` for people, `raw` (JSON lines) for machines, who get 8 KB at once, and wait
 * 0.1 s at most. What makes lines pretty is loaded only where they are to be.
 */
export async function logOutput(style: 'pretty' | 'raw'): Promise<DestinationStream> {
  if (style === 'raw') return standardOutputInPieces();
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: standardOutput(), ignore: 'pid,hostname', singleLine: true });
}

export const standardOutput = (): DestinationStream => pino.destination(1);

/** Written at once, and not by another thread: handing so little over costs more than writing it. */
function standardOutputInPieces(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, minLength: 8_192, periodicFlush: 100 });
  process.on('exit', () => output.flushSync());
  return output;
}
