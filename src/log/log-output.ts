import { type DestinationStream, pino } from 'pino';

/**
 * Standard output, in a style: `pretty` for people, `raw` (JSON lines) for machines, who get 4 KB at once, and wait 0.1 s
 * at most. What makes lines pretty is loaded only where they are to be.
 */
export async function logOutput(style: 'pretty' | 'raw'): Promise<DestinationStream> {
  if (style === 'raw') return pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 });
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: standardOutput(), ignore: 'pid,hostname' });
}

export const standardOutput = (): DestinationStream => pino.destination(1);
