import { plainValue } from '../authorize/named-rows.ts';
import type { Directus } from '../directus/directus.ts';
import type { Call } from './operation.ts';
import type { Batches } from './stream-list.ts';

/** Up to this many customers are asked for one by one; for more, the whole list is walked and filtered. */
const fewRows = 10;

/** The Stripe ids in the rows that the caller reads, or undefined when there are more than a few. */
export async function readableCustomers(directus: Directus, call: Call): Promise<string[] | undefined> {
  const question = questionOf(call);
  const rows = await directus.readRows(call.caller.asker, { ...question, limit: fewRows + 1 });
  return rows.length > fewRows
    ? undefined
    : [...new Set(valuesOf(rows, question.field).filter((value) => plainValue.test(value)))];
}

/** Of each batch, what belongs to rows that the caller reads: one question to Directus per batch. */
export async function* onlyReadable<Item>(
  directus: Directus,
  call: Call,
  batches: AsyncGenerator<readonly Item[], void, undefined>,
  idOf: (item: Item) => string | undefined,
): Batches {
  const question = questionOf(call);
  for await (const batch of batches) {
    const values = [...new Set(batch.flatMap((item) => idOf(item) ?? []))];
    if (values.length === 0) continue;
    const rows = await directus.readRows(call.caller.asker, { ...question, values, limit: -1 });
    const readable = new Set(valuesOf(rows, question.field));
    yield batch.filter((item) => readable.has(idOf(item) ?? ''));
  }
}

function questionOf({ grant: { rows } }: Call): { collection: string; field: string } {
  if (rows === 'all') throw new Error('A list was weighed by rows though the permission has no item rule.');
  return { collection: rows.collection, field: rows.field };
}

/** Directus hides a value that the caller may not see as null. */
const valuesOf = (rows: readonly Readonly<Record<string, unknown>>[], field: string): string[] =>
  rows.flatMap((row) => {
    const value = row[field];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
