import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { forbid, refuse } from './answers.ts';

/** What the gateway's own user creates, taken as a real 11.17.4 takes it from somebody who may only create. */
export type StubWritten = {
  /** The one collection in which that user may create items. */
  readonly collection: string;
  /** In the order in which they were taken. */
  readonly items: WrittenItem[];
  /** How many items there were in each request, also where none was taken. */
  readonly batches: number[];
  /** Code of the error with which an item is refused, and all that come with it. */
  refuses: (item: WrittenItem) => string | undefined;
  reset(): void;
};

const writtenItem = z.looseObject({ id: z.uuid() });
export type WrittenItem = z.output<typeof writtenItem>;

const nobody = (): undefined => undefined;

export function createStubWritten(collection: string): StubWritten {
  const written: StubWritten = {
    collection,
    items: [],
    batches: [],
    refuses: nobody,
    reset: () => {
      written.items.length = 0;
      written.batches.length = 0;
      written.refuses = nobody;
    },
  };
  return written;
}

/** Takes all of a request's items or none. False: the request is none that creates. */
export function answerWritten(written: StubWritten, request: IncomingMessage, response: ServerResponse): boolean {
  const { method, url = '' } = request;
  const { pathname } = new URL(url, 'http://directus.test');
  if (method !== 'POST' || !pathname.startsWith('/items/')) return false;
  text(request)
    .then((body) => {
      const given = z.array(writtenItem).parse(JSON.parse(body));
      written.batches.push(given.length);
      if (pathname !== `/items/${written.collection}`) forbid(response);
      else take(written, given, response);
    })
    .catch(() => response.destroy());
  return true;
}

function take({ items, refuses }: StubWritten, given: readonly WrittenItem[], response: ServerResponse): void {
  const isThere = given.some(({ id }) => items.some((item) => item.id === id));
  const code = isThere ? 'RECORD_NOT_UNIQUE' : given.map(refuses).find((each) => each !== undefined);
  if (code !== undefined) {
    refuse(response, statuses.get(code) ?? 400, code, 'This is not taken.');
    return;
  }
  items.push(...given);
  response.writeHead(204).end();
}

const statuses: ReadonlyMap<string, number> = new Map([
  ['FORBIDDEN', 403],
  ['INTERNAL_SERVER_ERROR', 500],
]);
