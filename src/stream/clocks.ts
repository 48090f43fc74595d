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

/** The clocks of one exchange, which run out in time or up to a quarter later. One timer looks at all of them. */
export type Clocks = {
  /** A request has its socket, which may not be connected yet. */
  sending(proxyRequest: ClientRequest): void;
  answering(answer: IncomingMessage): void;
  /** Whether there has been a connection, its encryption included: nothing is sent without one. */
  wasConnected(): boolean;
  stop(): void;
};

export function startClocks({ limits, response, onRunOut }: ClockParts): Clocks {
  const { connectMs, firstByteMs, silenceMs, totalMs = Number.POSITIVE_INFINITY } = limits;
  const lookMs = Math.min(firstByteMs, silenceMs, totalMs) / looks;
  let phase: Phase | undefined;
  let stopConnecting = (): void => undefined;
  let isEndless = totalMs === Number.POSITIVE_INFINITY;
  let isStill = (): boolean => false;
  let spentMs = 0;
  let wasTaken = true;

  const begin = (next: Phase) => {
    phase = next;
    isStill = stillness({ ms: next.ms, lookMs, moved: next.moved, leadMs: lookMs }); // the next look may come at once
  };
  const look = () => {
    const isTaken = response.writableLength === 0; // else it is the reader who is waited for
    if (isTaken && wasTaken) spentMs += lookMs;
    wasTaken = isTaken;
    if (!isEndless && spentMs > totalMs) return onRunOut(phase?.isWaitingForCaller() === true ? 'body' : 'total');
    if (isStill()) phase?.onStill();
  };
  const timer = setInterval(look, lookMs);

  const awaitAnswer = (proxyRequest: ClientRequest, socket: Socket) => {
    const isWaitingForCaller = () => !proxyRequest.writableEnded && !proxyRequest.writableNeedDrain;
    begin({
      ms: firstByteMs,
      moved: () => bytesLeft(socket),
      isWaitingForCaller,
      onStill: () => {
        if (!isWaitingForCaller()) onRunOut('first-byte');
      },
    });
  };

  return {
    sending: (proxyRequest) => {
      const { socket } = proxyRequest;
      if (socket === null) return;
      const onConnect = () => awaitAnswer(proxyRequest, socket);
      if (socket.connecting)
        stopConnecting = limitConnecting(socket, connectMs, { onConnect, onLate: () => onRunOut('connect') });
      else onConnect();
    },
    answering: (answer) => {
      if (isEventStream(answer)) isEndless = true;
      const { socket } = answer;
      begin({
        ms: silenceMs,
        // A socket whose answer is complete may serve another request.
        moved: () => (answer.complete ? 0 : socket.bytesRead) + bytesLeft(response.socket),
        isWaitingForCaller: () => false,
        onStill: () => onRunOut(response.writableLength > 0 ? 'reader' : 'silence'),
      });
    },
    wasConnected: () => phase !== undefined,
    stop: () => {
      stopConnecting();
      clearInterval(timer);
    },
  };
}

/** What is waited for, and whether it gets on. */
type Phase = {
  /** Milliseconds for which nothing may move. */
  readonly ms: number;
  /** Changes whenever something moves. */
  readonly moved: () => number;
  /** Whether the other side takes all that comes, and it is the caller who has not sent everything. */
  readonly isWaitingForCaller: () => boolean;
  readonly onStill: () => void;
};

/** How often in its time a clock looks whether something has moved. */
const looks = 4;

/**
 * Calls back each time when `moved` has stayed the same for `ms`, or up to a quarter longer.
 * @returns stops it
 */
export function whenStill(ms: number, moved: () => number, onStill: () => void): () => void {
  const isStill = stillness({ ms, lookMs: ms / looks, moved, leadMs: 0 });
  const timer = setInterval(() => {
    if (isStill()) onStill();
  }, ms / looks);
  return () => clearInterval(timer);
}

type StillnessParts = {
  readonly ms: number;
  /** Between two looks. */
  readonly lookMs: number;
  readonly moved: () => number;
  /** Not counted of the time until the first look. */
  readonly leadMs: number;
};

/** @returns a look: whether `moved` has stayed the same for `ms` since it moved, or since this was said last */
function stillness({ ms, lookMs, moved, leadMs }: StillnessParts): () => boolean {
  let before = moved();
  let stillMs = -leadMs;
  return () => {
    const now = moved();
    stillMs = now === before ? stillMs + lookMs : 0;
    before = now;
    if (stillMs < ms) return false;
    stillMs = 0;
    return true;
  };
}

/**
 * Calls back when the reader of this answer has taken nothing for `ms` of what is there. An answer that waits behind
 * another one of its connection has no socket yet: what the reader takes of that one counts.
 * @returns stops it
 */
export const whenReaderStill = (response: ServerResponse, ms: number, onStill: () => void): (() => void) =>
  whenStill(
    ms,
    () => bytesLeft(response.req.socket),
    () => {
      if (response.writableLength > 0) onStill();
    },
  );

type Connecting = { readonly onConnect: () => void; readonly onLate: () => void };

/** @returns stops it */
function limitConnecting(socket: Socket, ms: number, { onConnect, onLate }: Connecting): () => void {
  const timer = setTimeout(onLate, ms);
  const onConnected = () => {
    clearTimeout(timer);
    onConnect();
  };
  const event = 'encrypted' in socket ? 'secureConnect' : 'connect';
  socket.once(event, onConnected);
  return () => {
    clearTimeout(timer);
    socket.off(event, onConnected);
  };
}

/** How much has left for good: what waits in this process still does not count, as it does in `bytesWritten`. */
const bytesLeft = (socket: Socket | null): number =>
  socket === null ? 0 : socket.bytesWritten - socket.writableLength;

const isEventStream = ({ headers }: IncomingMessage): boolean =>
  /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
