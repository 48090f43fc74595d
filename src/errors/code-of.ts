import { isNativeError } from 'node:util/types';

/** The code of an error of Node's, such as ECONNRESET. */
export const codeOf = (error: unknown): unknown => (isNativeError(error) && 'code' in error ? error.code : undefined);

/** Whether an error says that the other side has closed a connection. */
export const isClosed = (error: unknown): boolean => closed.has(codeOf(error));

const closed: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);
