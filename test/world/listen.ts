import type { AddressInfo, Server } from 'node:net';

/** Starts a server on a port of the loopback address, a free one when left out. */
export async function listen(server: Server & { closeAllConnections?: () => void }, wanted = 0) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(wanted, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections?.();
      await closed;
    },
  };
}
