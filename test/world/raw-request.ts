import { connect } from 'node:net';

/**
 * Sends bytes as they are and gives back all that came until the connection closed or was silent for a while: for what
 * no HTTP client would send.
 */
export async function rawRequest(port: number, bytes: string, { silenceMs = 150 } = {}): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = '';
  let silence: NodeJS.Timeout | undefined;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    clearTimeout(silence);
    silence = setTimeout(resolve, silenceMs);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => resolve());
  socket.write(Buffer.from(bytes, 'latin1'));
  await promise;
  clearTimeout(silence);
  socket.destroy();
  return received;
}
