import { CallError, type CallSettings, createCall } from '../directus/call.ts';
import type { AuditItem } from './audit-item.ts';
import type { Sent } from './audit-queue.ts';

/** Writes items to Directus, all of them or none. Never rejects. */
export type SendItems = (items: readonly AuditItem[]) => Promise<Sent>;

/** @param settings those of the service token */
export function sendItemsTo(collection: string, settings: CallSettings): SendItems {
  const call = createCall(settings);
  const path = `/items/${encodeURIComponent(collection)}?fields=id`;
  return async (items) => {
    try {
      await call('POST', path, items);
      return { kind: 'written' };
    } catch (error) {
      return error instanceof CallError ? meaningOf(error) : { kind: 'unavailable' };
    }
  };
}

function meaningOf({ status, code = `HTTP_${status}` }: CallError): Sent {
  if (status === undefined || passing.has(status) || status > 500) return { kind: 'unavailable' };
  if (status === 500) return { kind: 'failed' };
  if (ofAll.has(status)) return { kind: 'denied', code };
  return code === 'RECORD_NOT_UNIQUE' ? { kind: 'known' } : { kind: 'refused', code };
}

/** Statuses that say: later. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Statuses that are about the token or the collection, whatever the items are: a missing field is 403, too. */
const ofAll: ReadonlySet<number> = new Set([401, 403, 404, 405]);
