import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type ClockLimits = {
  /** Milliseconds until there is a connection, its encryption included. */
  readonly connectMs: number;
  /** Milliseconds until the answer begins. Sending the request does not count while it gets on. */
  readonly firstByteMs: number;
  /** Milliseconds in which nothing of the answer moves: neither does the upstream send nor the reader take. */
  readonly silenceMs: number;
  /** Milliseconds until the answer must be whole. Waiting for a reader does not count. Undefined: without end. */
  readonly totalMs?: number | undefined;
};

/** Which clock has run out; `reader` and `body`: it is the caller who stands still. */
export type RunOut = 'connect' | 'first-byte' | 'silence' | 'total' | 'reader' | 'body';

export type ClockParts = {
  readonly limits: ClockLimits;
  readonly response: ServerResponse;
  readonly onRunOut: (clock: RunOut) => void;
};

/** The clocks of one exchange. Each phase ends the one before. */
export type Clocks = {
  /** A request has its socket, which may not be connected yet. */
  sending(proxyRequest: ClientRequest): void;
  answering(answer: IncomingMessage): void;
  stop(): void;
};

export function startClocks({ limits, response, onRunOut }: ClockParts): Clocks {
  let stopPhase = () => {};
  let isWaiting = (): boolean => false;
  let totalTimer: NodeJS.Timeout | undefined;

  if (limits.totalMs !== undefined) {
    let spent = 0;
    totalTimer = setInterval(() => {
      if (response.writableLength === 0) spent += 1; // else it is the reader who is waited for
      if (spent >= totalLooks) onRunOut(isWaiting() ? 'body' : 'total');
    }, limits.totalMs / totalLooks);
  }

  const begin = (phase: () => () => void) => {
    stopPhase();
    stopPhase = phase();
  };
  const awaitAnswer = (proxyRequest: ClientRequest, socket: Socket) => () =>
    whenStill(
      limits.firstByteMs,
      () => bytesLeft(socket),
      () => {
        if (!isWaitingForCaller(proxyRequest)) onRunOut('first-byte');
      },
    );

  return {
    sending: (proxyRequest) => {
      const { socket } = proxyRequest;
      if (socket === null) return;
      isWaiting = () => isWaitingForCaller(proxyRequest);
      begin(() =>
        whenConnected(socket, limits.connectMs, {
          onConnect: () => begin(awaitAnswer(proxyRequest, socket)),
          onLate: () => onRunOut('connect'),
        }),
      );
    },
    answering: (answer) => {
      isWaiting = () => false;
      if (isEventStream(answer)) clearInterval(totalTimer);
      const { socket } = answer;
      // A socket whose answer is complete may serve another request.
      const moved = () => (answer.complete ? 0 : socket.bytesRead) + bytesLeft(response.socket);
      begin(() =>
        whenStill(limits.silenceMs, moved, () => onRunOut(response.writableLength > 0 ? 'reader' : 'silence')),
      );
    },
    stop: () => {
      stopPhase();
      clearInterval(totalTimer);
    },
  };
}

/** How often in its time a clock looks whether something has moved. */
const looks = 4;

/** How often the clock of the whole answer looks who is waited for. */
const totalLooks = 20;

/**
 * Calls back each time when `moved` has stayed the same for `ms`, or up to a quarter longer.
 * @returns stops it
 */
export function whenStill(ms: number, moved: () => number, onStill: () => void): () => void {
  let before = moved();
  let still = 0;
  const timer = setInterval(() => {
    const now = moved();
    still = now === before ? still + 1 : 0;
    before = now;
    if (still < looks) return;
    still = 0;
    onStill();
  }, ms / looks);
  return () => clearInterval(timer);
}

/** Calls back when the reader of this answer has taken nothing for `ms` of what is there. @returns stops it */
export const whenReaderStill = (response: ServerResponse, ms: number, onStill: () => void): (() => void) =>
  whenStill(
    ms,
    () => bytesLeft(response.socket),
    () => {
      if (response.writableLength > 0) onStill();
    },
  );

type Connecting = { readonly onConnect: () => void; readonly onLate: () => void };

/** At once for a connection that was kept. @returns stops it */
function whenConnected(socket: Socket, ms: number, { onConnect, onLate }: Connecting): () => void {
  if (!socket.connecting) {
    const next = setImmediate(onConnect);
    return () => clearImmediate(next);
  }
  const timer = setTimeout(onLate, ms);
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', onConnect);
  return () => {
    clearTimeout(timer);
    socket.off('connect', onConnect).off('secureConnect', onConnect);
  };
}

/** How much has left for good: what waits in this process still does not count, as it does in `bytesWritten`. */
const bytesLeft = (socket: Socket | null): number =>
  socket === null ? 0 : socket.bytesWritten - socket.writableLength;

/** Whether the other side takes all that comes, and it is the caller who has not sent everything. */
const isWaitingForCaller = (proxyRequest: ClientRequest): boolean =>
  !proxyRequest.writableEnded && !proxyRequest.writableNeedDrain;

const isEventStream = ({ headers }: IncomingMessage): boolean =>
  /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
