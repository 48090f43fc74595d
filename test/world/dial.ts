import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** A connection on which a test says what no HTTP client would say. */
export type Dialled = {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /** All that has come so far (latin1). */
  received(): string;
  /** Resolves with all that has come as soon as it matches; rejects when the connection closes before. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with all that has come when the connection is closed. */
  readonly closed: Promise<string>;
};

export function dial(port: number): Dialled {
  const socket = connect(port, '127.0.0.1');
  const happened = until();
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    happened.check();
  });
  socket.on('error', () => undefined); // a reset; `closed` follows
  socket.on('close', () => happened.check());
  return {
    socket,
    send: (bytes) => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    received: () => received,
    until: async (pattern) => {
      await happened.holds(() => pattern.test(received) || socket.destroyed);
      if (!pattern.test(received))
        throw new Error(`The connection closed before ${pattern} came. There was: ${received}`);
      return received;
    },
    closed: happened.holds(() => socket.destroyed).then(() => received),
  };
}

/** The lines of a request's head as bytes. `Host` is added. */
export const head = (...lines: string[]): string =>
  [lines[0] ?? '', 'Host: gateway.test', ...lines.slice(1), '', ''].join('\r\n');

/** Sends one request as it is written, lets the gateway close the connection, and gives back all that came. */
export function ask(port: number, lines: readonly string[], body: string | Buffer = ''): Promise<string> {
  const call = dial(port);
  call.send(head(...lines, 'Connection: close'));
  call.send(body);
  return call.closed;
}

/** Status of an answer that came raw; the last one where `100 Continue` went before. */
export const statusOf = (received: string): number =>
  Number([...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].at(-1)?.[1] ?? 0);
