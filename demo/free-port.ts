import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which Linux and macOS number outgoing connections, so that none of them takes the port meanwhile. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * A port of 127.0.0.1 that nothing listens on: the wanted one, else any.
 * @throws with one line that names `variable` when the wanted port is taken or may not be used
 */
export async function freePort(wanted: number | undefined, variable: string): Promise<number> {
  if (wanted !== undefined) {
    const obstacle = await tryPort(wanted);
    if (obstacle === undefined) return wanted;
    const why = obstacle === 'EADDRINUSE' ? 'is taken' : `cannot be used (${obstacle})`;
    throw new Error(`Port ${wanted} ${why}. Choose another one with ${variable}.`);
  }
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await tryPort(port)) === undefined) return port;
  }
  throw new Error(`No free port was found between ${LOWEST} and ${HIGHEST}.`);
}

function tryPort(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  return promise;
}
