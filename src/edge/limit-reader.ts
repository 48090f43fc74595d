import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { whenReaderStill } from '../stream/clocks.ts';
import { noteError } from './answer-error.ts';

/**
 * Ends the connection of a caller who takes nothing for so long of what is there for them. An API's answers have clocks
 * of their own.
 * @param ms milliseconds; otherwise as long as a sender may stand still with a body
 */
export function limitReader({ socket }: IncomingMessage, response: ServerResponse, ms = 30_000): void {
  const stop = whenReaderStill(response, ms, () => {
    stop(); // an answer that waits behind another one never closes
    noteError(response, new GatewayError('REQUEST_TIMEOUT', { logReason: 'reader_still' }));
    socket.destroy();
  });
  response.once('close', stop);
}
