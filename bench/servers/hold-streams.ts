import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

// Holds streams open, for `holdStreams`: `node hold-streams.ts <order>`. It says `open` when each of them has had its first
// event; at the end of standard input it tells how many are open still.
const { url, headers, streams } = z
  .object({ url: z.url(), headers: z.record(z.string(), z.string()), streams: z.number() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const atOnce = 100;
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const open = new Set<IncomingMessage>();
let left = streams;

await Promise.all(Array.from({ length: atOnce }, openInTurn));
process.stdout.write('open\n');
await text(process.stdin);
process.stdout.write(`${open.size}\n`, () => process.exit());

async function openInTurn(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await openOne();
  }
}

function openOne(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const outgoing = request(url, { agent, headers }, (answer) => {
    if (answer.statusCode !== 200) reject(new Error(`${url} answers ${answer.statusCode}.`));
    open.add(answer);
    answer.once('data', () => resolve());
    answer.once('close', () => open.delete(answer));
    answer.on('error', () => undefined);
  });
  outgoing.once('error', reject);
  outgoing.end();
  return promise;
}
