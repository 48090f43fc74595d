import { z } from 'zod';
import type { CallSettings } from '../directus/call.ts';
import { type AuditItem, auditFields } from './audit-item.ts';
import type { Sent } from './audit-queue.ts';

/** Writes items to Directus, all of them or none. Never rejects. */
export type SendItems = (items: readonly AuditItem[]) => Promise<Sent>;

/**
 * Not by the SDK, which takes an answer of a proxy in front for a success where it has no content type.
 * @param settings those of the service token
 */
export function sendItemsTo(collection: string, { url, token, timeoutMs }: CallSettings): SendItems {
  const address = `${url}/items/${encodeURIComponent(collection)}?fields=id`;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  return async (items) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const body = JSON.stringify(items);
      const answer = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'manual' });
      return meaningOf(answer.status, await answer.text());
    } catch {
      return { kind: 'unavailable' };
    }
  };
}

/** What Directus says. Whatever it cannot have said itself is from somebody in front of it: it was not reached. */
export function meaningOf(status: number, text: string): Sent {
  if (status === 204 || (status === 200 && success.safeParse(parsed(text)).success)) return { kind: 'written' };
  if (status === 413) return { kind: 'refused', code: 'CONTENT_TOO_LARGE' }; // of several, whoever says it
  const { code, field } = refusal.safeParse(parsed(text)).data?.errors[0]?.extensions ?? {};
  if (code === undefined || status < 400 || status > 500 || passing.has(status)) return { kind: 'unavailable' };
  if (status === 500) return { kind: 'failed' };
  if (ofAll.has(status)) return { kind: 'denied', code };
  return code === 'RECORD_NOT_UNIQUE' && !isOther(field) ? { kind: 'known' } : { kind: 'refused', code };
}

/** Of a field that an operator has made unique: it says nothing of this item. Databases name the key in ways of their own. */
const isOther = (field: unknown): boolean => auditFields.some(({ name }) => name === field);

/** Statuses that say: later. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Statuses that are about the token or the collection, whatever the items are. */
const ofAll: ReadonlySet<number> = new Set([401, 403, 404, 405]);

/** Whoever may only create is answered 204; whoever may read gets the keys. */
const success = z.object({ data: z.array(z.unknown()) });
const refusal = z.object({
  errors: z
    .array(
      z.object({ extensions: z.object({ code: z.string().regex(/^[A-Z_]{1,60}$/), field: z.unknown().optional() }) }),
    )
    .min(1),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
