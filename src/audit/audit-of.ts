import type { Variables } from '../config/variables.ts';
import type { AuditStore } from './audit-store.ts';
import { createNoteWrite } from './note-write.ts';
import { sendItemsTo } from './send-items.ts';

export type AuditOfParts = {
  readonly store: AuditStore | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds until Directus must have taken items. */
  readonly timeoutMs: number;
};

/** The audit of a set-up, where it names a collection for it. */
export function auditOf(
  { AUDIT_COLLECTION: collection, DIRECTUS_TOKEN: token, DIRECTUS_URL: url }: Variables,
  { store, now, timeoutMs }: AuditOfParts,
) {
  if (store === undefined || collection === undefined || token === undefined) return noAudit;
  const start = () => store.aim(sendItemsTo(collection, { url, token, timeoutMs }));
  return { store, noteWrite: createNoteWrite(store, now), start };
}

const noAudit = { store: undefined, noteWrite: undefined, start: () => undefined };
