import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNativeError } from 'node:util/types';
import { type DestinationStream, type Logger, pino } from 'pino';
import { pinoHttp } from 'pino-http';
import { standardOutput } from './log-output.ts';
import { trailOf } from './trail.ts';

export type LoggerSettings = {
  readonly level: string;
};

/** @param destination where lines of JSON go; standard output when left out */
export function createLogger({ level }: LoggerSettings, destination: DestinationStream = standardOutput()): Logger {
  return pino({ level, base: null, serializers: { err: (error: unknown) => describeError(error) } }, destination);
}

/** One line for each request when its answer has ended, made of named facts only: no header, query or body. */
export const accessLog = (logger: Logger) =>
  pinoHttp({
    logger,
    genReqId: (request) => request.id,
    wrapSerializers: false,
    quietReqLogger: true,
    serializers: { req: () => undefined, res: () => undefined, err: (error: unknown) => describeError(error) },
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    customLogLevel: levelOf,
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customSuccessObject: (request, response, { durationMs }) => facts(request, response, durationMs),
    customErrorObject: (request, response, _error, { durationMs }) => facts(request, response, durationMs),
  });

/** Probes come every few seconds, and what they find is logged where it happens. */
const levelOf = (request: IncomingMessage, response: ServerResponse) => {
  if (request.url?.startsWith('/server/')) return 'debug';
  return response.statusCode >= 500 ? 'error' : 'info';
};

const facts = (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, durationMs: unknown) => ({
  method: request.method,
  path: (request.originalUrl ?? request.url)?.split('?', 1)[0],
  status: response.statusCode,
  ...(!response.writableFinished && response.statusCode !== 101 && { cutOff: true }), // a tunnel ends as it ends
  ...trailOf(response),
  durationMs,
});

type Described = { type: string; message: string; code?: string | number; cause?: Described };

const maxCauses = 5;

/** Name, message and code of an error and of its causes: other members may hold requests, answers and headers. */
export function describeError(error: unknown, depth = 0): Described | undefined {
  if (!isNativeError(error) || depth > maxCauses) return undefined; // native, whichever realm it comes from
  const code = 'code' in error ? error.code : undefined;
  const cause = describeError(error.cause, depth + 1);
  return {
    type: error.name,
    message: error.name === 'SyntaxError' ? 'not valid JSON' : error.message, // V8 quotes what it could not parse
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause !== undefined && { cause }),
  };
}
