import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** One page of a list of the upstream's, and how to get the next. */
export type Page = {
  readonly items: readonly unknown[];
  readonly next: (() => Promise<Page>) | undefined;
};

/**
 * Answers all pages of a list as one JSON array, each page as it arrives and as fast as the client reads. Pages come
 * one after another, none before it is needed; when the client leaves, no further one is asked for.
 *
 * A failure of the first page rejects with nothing answered. A failure of a later one breaks the connection, since the
 * status is out already and a shortened list must not look complete.
 */
export async function streamList(firstPage: () => Promise<Page>, response: ServerResponse): Promise<void> {
  const first = await firstPage();
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'private, no-store');
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(Readable.from(jsonOf(first), { objectMode: false }), response);
}

async function* jsonOf(first: Page): AsyncGenerator<string> {
  let separator = '[';
  for (let page: Page | undefined = first; page !== undefined; page = await page.next?.()) {
    if (page.items.length === 0) continue;
    yield separator + page.items.map((item) => JSON.stringify(item)).join(',');
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
