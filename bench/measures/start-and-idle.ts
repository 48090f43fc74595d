import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../demo/free-port.ts';
import { customerPath } from '../answers.ts';
import { found, type Measure } from './measure.ts';

export type StartAndIdle = {
  /** Milliseconds from the start of the process to its first 200, the median of the runs. */
  readonly readyMs: number;
  /** Each run's, in ascending order. */
  readonly readyMsOfRuns: readonly number[];
  /** Resident memory in MB (VmRSS), when nothing has been asked yet, and after 1,000 requests. */
  readonly idleMb: number;
  readonly idleAfterLoadMb: number;
};

export type StartAndIdleOptions = {
  readonly runs?: number;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
};

/** How soon the built gateway serves, and how much memory it holds when it has nothing to do. Linux only (/proc). */
export async function measureStartAndIdle({
  runs = 7,
  nodeOptions = [],
}: StartAndIdleOptions = {}): Promise<StartAndIdle> {
  const directus = await serve(answerAsDirectus);
  const upstream = await serve((_request, response) => answer(response, { id: 'cus_1', object: 'customer' }));
  try {
    const environment = setUp(directus.url, upstream.url);
    const started = [];
    for (let run = 0; run < runs; run += 1) {
      const gateway = await start(environment, nodeOptions);
      started.push(gateway.readyMs);
      await gateway.stop();
    }
    const gateway = await start(environment, nodeOptions);
    try {
      await sleep(stillMs);
      const idleMb = residentMb(gateway.pid);
      await load(gateway.url);
      await sleep(stillMs);
      const readyMsOfRuns = started.toSorted((one, other) => one - other);
      const readyMs = readyMsOfRuns[Math.floor(runs / 2)] ?? Number.NaN;
      return { readyMs, readyMsOfRuns, idleMb, idleAfterLoadMb: residentMb(gateway.pid) };
    } finally {
      await gateway.stop();
    }
  } finally {
    directus.stop();
    upstream.stop();
  }
}

export const startAndIdle: Measure = {
  name: 'start-and-idle',
  does: 'from the start of the process to its first answer (7 starts); memory with nothing to do, before and after 1,000 requests',
  measure: async () => {
    const { readyMsOfRuns, idleMb, idleAfterLoadMb } = await measureStartAndIdle();
    return [
      found('ready after ms', readyMsOfRuns, { atMost: 500 }),
      found('idle MB', [idleMb], { atMost: 100 }),
      found('idle after load MB', [idleAfterLoadMb]),
    ];
  },
};

/** Between the last thing that happens and the look at the memory. */
const stillMs = 3_000;
const requests = 1_000;
const atOnce = 10;
const giveUpMs = 30_000;

const setUp = (directusUrl: string, upstreamUrl: string) => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  LOG_STYLE: 'raw',
  DIRECTUS_URL: directusUrl,
  RATE_LIMITER_POINTS: '100000',
  STRIPE_LIVE_SECRET_KEY: 'sk_test_measured',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  STRIPE_API_URL: upstreamUrl,
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'measured',
  TWILIO_COLLECTION: 'messages',
  TWILIO_API_URL: upstreamUrl,
});

const answerAsDirectus: RequestListener = ({ url = '' }, response) => {
  if (url.startsWith('/users/me')) return answer(response, { data: { id: 'measurer', role: null } });
  const read = { access: 'full', fields: ['*'], presets: null };
  return answer(response, { data: { customers: { read }, messages: { read } } });
};

function answer(response: Parameters<RequestListener>[1], body: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const port = await freePort(undefined, 'PORT');
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const command = fileURLToPath(new URL('../../bin/directus-gateway.js', import.meta.url));

async function start(environment: Readonly<Record<string, string>>, nodeOptions: readonly string[]) {
  const port = await freePort(undefined, 'PORT');
  const url = `http://127.0.0.1:${port}`;
  const env = { ...environment, PORT: String(port) };
  const from = performance.now();
  // In a folder without a .env or a gateway.yaml. Its log goes nowhere.
  const child = spawn(process.execPath, [...nodeOptions, command], {
    cwd: tmpdir(),
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await untilReady(`${url}/server/ping`, child, from + giveUpMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid ?? 0, readyMs: performance.now() - from, stop };
}

async function untilReady(url: string, child: ChildProcess, deadline: number): Promise<void> {
  while (!(await isServed(url))) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode} before it served.`);
    if (performance.now() > deadline) throw new Error(`The gateway has not served within ${giveUpMs} ms.`);
    await sleep(5);
  }
}

const isServed = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (given) => (await given.text()) === 'pong',
    () => false,
  );

async function load(url: string): Promise<void> {
  const ask = async () => {
    for (let done = 0; done < requests / atOnce; done += 1) {
      const headers = { Authorization: 'Bearer static-token-of-the-measurer' };
      const given = await fetch(`${url}/stripe${customerPath}`, { headers });
      if (given.status !== 200) throw new Error(`The gateway answered with ${given.status}: ${await given.text()}`);
      await given.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
}

function residentMb(pid: number): number {
  const [, kib = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

if (import.meta.main) {
  const { readyMs, readyMsOfRuns, idleMb, idleAfterLoadMb } = await measureStartAndIdle({
    nodeOptions: process.argv.slice(2),
  });
  const spread = readyMsOfRuns.map((ms) => ms.toFixed(0)).join(' ');
  process.stdout.write(
    `ready after ${readyMs.toFixed(0)} ms (${spread})\n` +
      `idle ${idleMb.toFixed(1)} MB, after ${requests} requests ${idleAfterLoadMb.toFixed(1)} MB\n`,
  );
}
