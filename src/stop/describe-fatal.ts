import { isNativeError } from 'node:util/types';
import { codeOf } from '../errors/code-of.ts';

export type Fatal = { type: string; code?: string | number; at?: readonly string[]; cause?: Fatal };

const maxCauses = 5;
const maxFrames = 20;

/**
 * What an unhandled error may tell the log: its kind, and the places in the code. Not its message: nobody knows where it
 * comes from, and libraries quote what they were given, such as the value of a header.
 */
export function describeFatal(error: unknown, depth = 0): Fatal {
  if (!isNativeError(error)) return { type: error === null ? 'null' : typeof error };
  const code = codeOf(error);
  return {
    type: error.constructor.name,
    ...((typeof code === 'number' || isWord(code)) && { code }),
    at: framesOf(error),
    ...(error.cause !== undefined && depth < maxCauses && { cause: describeFatal(error.cause, depth + 1) }),
  };
}

const isWord = (code: unknown): code is string => typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,60}$/.test(code);

/** The stack repeats the message, whose lines may look like places. */
function framesOf({ stack, message }: Error): string[] {
  const places = String(stack).replaceAll(message === '' ? '\0' : message, '');
  return [...places.matchAll(/^ {4}at (.+:\d+:\d+\)?)$/gm)].map(([, place = '']) => place).slice(0, maxFrames);
}
