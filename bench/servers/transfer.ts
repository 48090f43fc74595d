import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { pieces } from './pieces.ts';

// One long request, for `runTransfer`: reads its order from standard input, writes what came of it to standard output.
const { url, headers, upload } = z
  .object({ url: z.url(), headers: z.record(z.string(), z.string()), upload: z.number().optional() })
  .parse(JSON.parse(await text(process.stdin)));

const from = performance.now();
const sent = request(url, {
  agent: new Agent(),
  method: upload === undefined ? 'GET' : 'POST',
  headers: { ...headers, ...(upload !== undefined && { 'Content-Length': upload }) },
});
const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
sent.once('response', resolve).once('error', reject);
if (upload === undefined) sent.end();
else pieces(upload).pipe(sent);

const answer = await promise;
let firstByteMs = 0;
let bytes = 0;
let start = '';
for await (const piece of answer) {
  if (bytes === 0) firstByteMs = performance.now() - from;
  if (start.length < 500) start += piece;
  bytes += piece.length;
}
const seconds = (performance.now() - from) / 1_000;
if (answer.statusCode !== 200) throw new Error(`${url} answers ${answer.statusCode} ${start.slice(0, 500)}`);
const moved = upload === undefined ? bytes : z.object({ received: z.number() }).parse(JSON.parse(start)).received;
process.stdout.write(JSON.stringify({ bytes: moved, firstByteMs, seconds }));
