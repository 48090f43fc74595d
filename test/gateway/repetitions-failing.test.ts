import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type Certificate, makeCertificate } from '../../bench/certificate.ts';
import { createLimitStore } from '../../src/limit/limit-store.ts';
import { listen } from '../world/listen.ts';
import { startGateway } from '../world/start-gateway.ts';
import { auditing, useAudit } from '../world/use-audit.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld(auditing);
const { noted } = useAudit(world);
const folder = mkdtempSync(join(tmpdir(), 'gateway-repetitions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const made = await makeCertificate(folder);
const trusted = getCACertificates('default');
afterAll(() => setDefaultCACertificates(trusted));

const customers = '/stripe/v1/customers';
const config = `
upstreams:
  stripe:
    rules:
      - { methods: [POST], path: /v1/customers, collection: customers, budget: { points: 9, per: 24d, key: all } }
`;
const limits = { upstream: { connectMs: 100, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 5_000 } };

type Behind = {
  readonly origin: string;
  /** The idempotency keys of what was received. */
  readonly seen: readonly (string | undefined)[];
};

/** Answers the first request of a connection, and takes the second without an answer. */
function serve(socket: Socket, seen: (string | undefined)[], onSecond: () => void): void {
  let requests = 0;
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    const text = data.toString('latin1');
    if (!text.startsWith('POST')) return;
    seen.push(/^idempotency-key: (\S+)/im.exec(text)?.[1]);
    requests += 1;
    if (requests > 1) onSecond();
    else socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  });
}

/** An API that ends with the second request: nobody listens any more. */
async function startEnding(): Promise<Behind> {
  const seen: (string | undefined)[] = [];
  const server = createServer((socket) =>
    serve(socket, seen, () => {
      server.close();
      socket.resetAndDestroy();
    }),
  );
  const { origin } = await listen(server);
  return { origin, seen };
}

/** An API that agrees to encrypt one connection, and is silent on those that come later. */
async function startFallingSilent(files: Certificate): Promise<Behind> {
  const key = readFileSync(files.key);
  const cert = readFileSync(files.certificate);
  setDefaultCACertificates([...trusted, cert]);
  const seen: (string | undefined)[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (sockets.length > 1) return;
    serve(new TLSSocket(socket, { isServer: true, key, cert }), seen, () => socket.resetAndDestroy());
  });
  const { origin, stop } = await listen(server);
  stopLater({
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return stop();
    },
  });
  return { origin: origin.replace('http:', 'https:'), seen };
}

describe('a write that was received over a kept connection, which then broke, is charged and noted', () => {
  const expectCharged = async ({ origin, seen }: Behind, told: string) => {
    const logger = pino({ level: 'silent' });
    const limitStore = await createLimitStore({ variables: { REDIS: undefined }, logger, now: Date.now });
    const environment = { ...world.environment, STRIPE_API_URL: origin };
    const gateway = stopLater(await startGateway(environment, { config, limits, limitStore }));
    const create = async (key: string) => {
      const headers = { ...as(tokens.creator), 'Content-Type': 'application/json', 'Idempotency-Key': key };
      const answer = await fetch(`${gateway.url}${customers}`, { method: 'POST', headers, body: '{"name":"x"}' });
      return answer.status;
    };

    expect([await create('one'), await create('two')]).toEqual([200, 502]);
    expect([seen.length, new Set(seen).size]).toEqual([2, 2]);
    expect([...limitStore.counts.budgets.values()]).toMatchObject([{ spent: 2, returned: 0 }]);
    expect(await noted(2)).toMatchObject([
      { path: '/v1/customers', status: 200, code: null },
      { path: '/v1/customers', status: 502, code: 'UPSTREAM_UNREACHABLE' },
    ]);
    expect(gateway.logs()).toContain(told);
  };

  it('where its repetition is refused a connection', async () => {
    await expectCharged(await startEnding(), 'ECONNREFUSED');
  });

  const test = made === undefined ? it.skip : it; // without openssl
  test('where its repetition has no connection in time', async () => {
    if (made === undefined) return;
    await expectCharged(await startFallingSilent(made), 'There was no connection within 100 ms.');
  });
});
