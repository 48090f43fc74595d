import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Trail, trailOf } from './trail.ts';

export type NotedRequest = IncomingMessage & { readonly originalUrl: string };

/** Hears of a request when its answer has ended, however it has ended. */
export type OnEnd = (request: NotedRequest, response: ServerResponse, trail: Trail, durationMs: number) => void;

/**
 * The one place that waits for the end of a request.
 * @param clock milliseconds from any starting point
 */
export const whenEnded =
  (clock: () => number, onEnds: readonly OnEnd[]) =>
  (request: NotedRequest, response: ServerResponse): void => {
    const begun = clock();
    response.on('close', () => {
      const durationMs = clock() - begun;
      const trail = trailOf(response);
      for (const onEnd of onEnds) onEnd(request, response, trail, durationMs);
    });
  };

/** Whether the caller has not had all of the answer. A tunnel ends as it ends. */
export const isCutOff = ({ writableFinished, statusCode }: ServerResponse): boolean =>
  !writableFinished && statusCode !== 101;
