import { isNativeError } from 'node:util/types';
import { type DestinationStream, type Logger, pino } from 'pino';
import { codeOf } from '../errors/code-of.ts';
import { standardOutput } from './log-output.ts';

export type LoggerSettings = {
  readonly level: string;
};

/** @param destination where lines of JSON go; standard output when left out */
export function createLogger({ level }: LoggerSettings, destination: DestinationStream = standardOutput()): Logger {
  return pino({ level, base: null, serializers: { err: (error: unknown) => describeError(error) } }, destination);
}

type Described = { type: string; message: string; code?: string | number; cause?: Described };

const maxCauses = 5;

/** Name, message and code of an error and of its causes: other members may hold requests, answers and headers. */
export function describeError(error: unknown, depth = 0): Described | undefined {
  if (!isNativeError(error) || depth > maxCauses) return undefined; // native, whichever realm it comes from
  const code = codeOf(error);
  const cause = describeError(error.cause, depth + 1);
  return {
    type: error.name,
    message: error.name === 'SyntaxError' ? 'not valid JSON' : error.message, // V8 quotes what it could not parse
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause !== undefined && { cause }),
  };
}
