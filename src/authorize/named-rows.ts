import { forbidden } from '../errors/gateway-error.ts';
import type { RowRule, RowSource } from '../upstreams/upstream.ts';

/** What a request names, by place. */
export type Places = {
  readonly path: ReadonlyMap<string, string>;
  readonly query: readonly NamedValue[];
  readonly body: readonly NamedValue[];
};
type NamedValue = { readonly path: readonly string[]; readonly value: string };

/**
 * The values by which a request names rows, for a permission with an item rule. A request that names none cannot be
 * tied to a row, and neither can a value in an odd form, which Directus might expand (`$CURRENT_USER`) rather than compare.
 * @throws GatewayError FORBIDDEN
 */
export function namedRows({ from }: RowRule, places: Places): string[] {
  if (from === 'each-item') return [];
  const values = [...new Set(from.flatMap((source) => valuesAt(source, places)))];
  if (values.length === 0) throw forbidden('no_row_named');
  if (values.length > maxRows || !values.every((value) => plainValue.test(value))) throw forbidden('odd_row_value');
  return values;
}

/** Most rows that one request may name: Directus is asked about each. */
const maxRows = 100;

/** The form of an id: nothing that Directus expands or that a path could be changed by. */
export const plainValue = /^[\w-]{1,255}$/;

function valuesAt(source: RowSource, { path, query, body }: Places): string[] {
  if ('path' in source) return [path.get(source.path) ?? ''];
  const [name, parameters] = 'query' in source ? [source.query, query] : [source.body, body];
  return parameters.filter((parameter) => parameter.path[0] === name).map(({ value }) => value);
}
