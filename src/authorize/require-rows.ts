import type { Asker } from '../directus/client.ts';
import type { Directus } from '../directus/directus.ts';
import { forbidden } from '../errors/gateway-error.ts';
import type { Grant } from './authorize.ts';
import { namedRows, type Places } from './named-rows.ts';

/**
 * Where the permission has an item rule: whether the caller's own token reads every row that the request names, the
 * value compared exactly, and for a change whether Directus lets them change it. Asked anew each time, since a row may
 * change hands without any permission changing.
 * @throws GatewayError FORBIDDEN
 */
export async function requireRows(
  directus: Directus,
  asker: Asker,
  grant: Grant,
  named: Omit<Places, 'path'>,
): Promise<void> {
  const { rows, action } = grant;
  if (rows === 'all' || rows.from === 'each-item') return;
  const values = namedRows(rows, { path: grant.path, ...named });
  const { collection } = rows;
  const isOwn = collection === grant.collection; // of another collection, the permission to change says nothing
  const change = isOwn && (action === 'update' || action === 'delete') ? action : undefined;
  const found = await directus.readRows(asker, {
    collection,
    field: rows.field,
    and: change === undefined ? [] : ['id'],
    values,
    limit: -1,
  });
  for (const value of values) {
    const matching = found.filter((row) => row[rows.field] === value);
    if (matching.length === 0) throw forbidden('row_not_readable');
    if (change === undefined) continue;
    const keys = matching.map(({ id }) => (typeof id === 'number' || typeof id === 'string' ? String(id) : undefined));
    const allowed = await Promise.all(
      keys.map((key) => key !== undefined && directus.mayChangeItem(asker, collection, key, change)),
    );
    if (!allowed.every(Boolean)) throw forbidden('row_not_changeable');
  }
}
