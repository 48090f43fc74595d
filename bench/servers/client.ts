import * as http from 'node:http';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { trust } from '../trust.ts';

// Loads an address over so many connections, for machines without wrk: `node client.ts` reads its order from standard
// input and writes what came of it to standard output.
const { target, dose } = z
  .object({
    target: z.object({
      url: z.url(),
      headers: z.record(z.string(), z.string()),
      countTokens: z.boolean().default(false),
      certificate: z.string().optional(),
    }),
    dose: z.object({ connections: z.number(), seconds: z.number(), requests: z.number().optional() }),
  })
  .parse(JSON.parse(await text(process.stdin)));

if (target.certificate !== undefined) trust(target.certificate);
const { Agent, request } = target.url.startsWith('https:') ? https : http;
const agent = new Agent({ keepAlive: true, maxSockets: dose.connections });
const tookMs: number[] = [];
let errors = 0;
let count = Date.now() * 1_000;
const start = performance.now();
const end = start + dose.seconds * 1_000;
let left = dose.requests ?? Number.POSITIVE_INFINITY;

await Promise.all(Array.from({ length: dose.connections }, work));
agent.destroy();
tookMs.sort((one, other) => one - other);
const at = (part: number): number => tookMs[Math.floor((tookMs.length - 1) * part)] ?? 0;
const seconds = (performance.now() - start) / 1_000;
process.stdout.write(JSON.stringify({ requests: tookMs.length, seconds, p50Ms: at(0.5), p99Ms: at(0.99), errors }));

async function work(): Promise<void> {
  for (;;) {
    const from = performance.now();
    if (from >= end || left === 0) return;
    left -= 1;
    const isRight = await ask().catch(() => false);
    if (!isRight) errors += 1;
    tookMs.push(performance.now() - from);
  }
}

function ask(): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const outgoing = request(target.url, { agent, headers: headers() }, (answer) => {
    const { statusCode = 0 } = answer;
    answer.resume();
    answer.once('end', () => resolve(statusCode >= 200 && statusCode < 300));
    answer.once('error', reject);
  });
  outgoing.once('error', reject);
  outgoing.end();
  return promise;
}

function headers(): Record<string, string> {
  if (!target.countTokens) return target.headers;
  count += 1;
  return { ...target.headers, Authorization: `${target.headers.Authorization}${count}` };
}
