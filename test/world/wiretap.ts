import type { Server, Socket } from 'node:net';

/** The bytes that went over the connections of a server, one text each way (latin1). */
export type Wire = {
  received(): string;
  sent(): string;
  clear(): void;
};

/** As much as is kept of each kind of byte: the tests that move more are not about secrets. */
const keptBytes = 4 * 1_024 ** 2;

/** Keeps every byte that a server is sent and sends, below any parsing, to search it for what should not be there. */
export function wiretap(server: Server): Wire {
  let received = '';
  let sent = '';
  server.on('connection', (socket: Socket) => {
    socket.on('data', (chunk) => {
      if (received.length < keptBytes) received += chunk.toString('latin1');
    });
    socket.write = new Proxy(socket.write, {
      apply: (write, self, [chunk, ...rest]) => {
        if (sent.length < keptBytes) sent += Buffer.from(chunk).toString('latin1');
        return Reflect.apply(write, self, [chunk, ...rest]);
      },
    });
  });
  return {
    received: () => received,
    sent: () => sent,
    clear: () => {
      received = '';
      sent = '';
    },
  };
}
