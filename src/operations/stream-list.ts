import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startJson } from './operation.ts';

/** The items of a list, as many at a time as arrive together. */
export type Batches = AsyncGenerator<readonly unknown[], void, undefined>;

/**
 * Answers a list as one JSON array, each batch as it arrives and as fast as the client reads. The next batch is asked
 * for when the one before is taken; when the client leaves, no further one is.
 *
 * @param cut what the caller sees of an item
 *
 * A failure of the first batch rejects with nothing answered. A failure of a later one breaks the connection, since the
 * status is out already and a shortened list must not look complete.
 */
export async function streamList(
  batches: Batches,
  response: ServerResponse,
  cut: (item: unknown) => unknown = (item) => item,
): Promise<void> {
  const first = await batches.next();
  startJson(response);
  if (response.req.method === 'HEAD') {
    await batches.return();
    response.end();
    return;
  }
  await pipeline(Readable.from(jsonOf(first, batches, cut), { objectMode: false }), response);
}

async function* jsonOf(
  first: IteratorResult<readonly unknown[], void>,
  rest: Batches,
  cut: (item: unknown) => unknown,
): AsyncGenerator<string> {
  let separator = '[';
  for await (const batch of chain(first, rest)) {
    if (batch.length === 0) continue;
    yield separator + batch.map((item) => JSON.stringify(cut(item) ?? null)).join(',');
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

async function* chain(first: IteratorResult<readonly unknown[], void>, rest: Batches): Batches {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
