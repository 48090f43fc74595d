import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { makeCertificate } from '../../bench/certificate.ts';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { listen } from '../world/listen.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const folder = mkdtempSync(join(tmpdir(), 'gateway-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = await makeCertificate(folder);

(files ? describe : describe.skip)('an API over TLS that closes each connection after its answer', () => {
  /** For each connection that the API was asked on, whether its session was resumed. */
  const resumed: boolean[] = [];
  beforeEach(() => {
    resumed.length = 0;
  });

  async function startBefore() {
    const { certificate = '', key = '' } = files ?? {};
    const options = { cert: readFileSync(certificate), key: readFileSync(key) };
    const api = createServer(options, ({ socket }, response) => {
      resumed.push(socket instanceof TLSSocket && socket.isSessionReused());
      response
        .setHeader('Connection', 'close')
        .setHeader('Content-Type', 'application/json')
        .end('{"object":"customer"}');
    });
    const { port } = stopLater(await listen(api));
    const gateway = stopLater(
      await startGatewayProcess({
        ...world.environment,
        STRIPE_API_URL: `https://localhost:${port}`,
        NODE_EXTRA_CA_CERTS: certificate,
      }),
    );
    const ask = async () => {
      const { status } = await supertest(gateway.url).get('/stripe/v1/customers/cus_1').set(as(tokens.admin));
      expect(status).toBe(200);
    };
    return { gateway, ask };
  }

  it('sees the session of the first one resumed on every further one', async () => {
    const { ask } = await startBefore();
    for (let count = 0; count < 4; count += 1) await ask();

    expect(resumed).toEqual([false, true, true, true]);
  });

  it('sees one full handshake more after the set-up was read anew, which begins without sessions', async () => {
    const { gateway, ask } = await startBefore();
    await ask();
    await ask();
    gateway.child.kill('SIGHUP');
    await gateway.logged('set up anew');
    await ask();
    await ask();

    expect(resumed).toEqual([false, true, false, true]);
  });
});
