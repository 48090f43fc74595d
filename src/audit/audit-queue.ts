import type { AuditItem } from './audit-item.ts';

/** What became of items that were sent to Directus together, which takes all of them or none. */
export type Sent =
  | { readonly kind: 'written' }
  /** Directus does not answer, or takes nothing at the moment. It may have taken them all the same. */
  | { readonly kind: 'unavailable' }
  /** Directus has failed (500), which may be due to one of them. */
  | { readonly kind: 'failed' }
  /** One of them is there already. */
  | { readonly kind: 'known' }
  /** One of them is not as Directus wants it. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nothing may be written there, whatever it is. */
  | { readonly kind: 'denied'; readonly code: string };

/** Whether Directus is there, and has said what it thinks of the items. */
export const hasAnswered = ({ kind }: Sent): boolean => kind !== 'unavailable' && kind !== 'failed';

export type Settled = {
  readonly written: number;
  /** Will not be tried again. */
  readonly lost: readonly { readonly item: AuditItem; readonly code: string }[];
};

/** In milliseconds, where it does not say otherwise. */
export type AuditQueueLimits = {
  /** Most items that wait. */
  readonly capacity: number;
  /** Most items that are sent together. */
  readonly batch: number;
  /** For which the first item waits for others. */
  readonly gatherMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Failures in a row after which it is found out whether one item is to blame. */
  readonly failures: number;
  /** How often Directus must have failed with an item alone, while it took others, for the item to be to blame. */
  readonly strikes: number;
};

export const auditQueueLimits: AuditQueueLimits = {
  capacity: 10_000,
  batch: 100,
  gatherMs: 250,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  failures: 3,
  strikes: 3,
};

/** Between two attempts of a process that is about to end. */
const hurriedPauseMs = 200;

export type AuditQueue = {
  length(): number;
  /** False: there is no room. */
  add(item: AuditItem, nowMs: number): boolean;
  /** When `next` is to be sent. */
  dueAt(): number;
  /** The items that are to be sent now. They stay until it is settled what became of them. */
  next(): readonly AuditItem[];
  settle(sent: Sent, nowMs: number): Settled;
  /** From now on nothing is waited for that need not be. */
  hurry(): void;
  /** Takes out whatever is left. */
  empty(): readonly AuditItem[];
};

/**
 * The items that wait for Directus, in their order. Where Directus refuses some of them as a whole, they go one by one,
 * to find out which: the others are written. An item that is there already was taken by an attempt that seemed to fail.
 * Decides only: whoever sends tells what came of it, and the time.
 */
export function createAuditQueue(limits: AuditQueueLimits = auditQueueLimits): AuditQueue {
  const { capacity, batch, gatherMs, firstPauseMs } = limits;
  let { longestPauseMs } = limits;
  let items: AuditItem[] = [];
  let underWay = 0;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let isHurried = false;
  const strikes = new WeakMap<AuditItem, number>();
  /** How many of the first items still go one by one, and what has come of those that went before. */
  let apart = { left: 0, written: 0, suspects: [] as AuditItem[] };

  const goApart = (count: number) => {
    apart = { left: count, written: 0, suspects: [] };
  };
  const length = () => items.length + apart.suspects.length;

  const pause = (nowMs: number) => {
    failures += 1;
    notBeforeMs = nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  };

  /** Once may be chance, as Directus may have come back meanwhile; and where it took no other, nobody can tell. */
  const judge = (nowMs: number): Settled['lost'] => {
    const { left, written, suspects } = apart;
    if (left > 0 || suspects.length === 0) return [];
    goApart(0);
    for (const item of suspects) strikes.set(item, (strikes.get(item) ?? 0) + Math.min(written, 1));
    const isToBlame = (item: AuditItem) => (strikes.get(item) ?? 0) >= limits.strikes;
    items.unshift(...suspects.filter((item) => !isToBlame(item)));
    pause(nowMs);
    return suspects.filter(isToBlame).map((item) => ({ item, code: 'INTERNAL_SERVER_ERROR' }));
  };

  /** An item that went by itself is done with. */
  const settleOne = (outcome: 'written' | 'suspect' | { readonly lost: string }, nowMs: number): Settled => {
    const gone = items.splice(0, 1);
    const isWritten = outcome === 'written';
    if (apart.left > 0) {
      apart.left -= 1;
      apart.written += isWritten ? 1 : 0;
      if (outcome === 'suspect') apart.suspects.push(...gone);
    }
    const lost = typeof outcome === 'object' ? gone.map((item) => ({ item, code: outcome.lost })) : [];
    return { written: isWritten ? gone.length : 0, lost: [...lost, ...judge(nowMs)] };
  };

  /** Those that were to go now, one by one or together. */
  const takeAll = (): AuditItem[] => {
    const { left, suspects } = apart;
    goApart(0);
    return [...suspects, ...items.splice(0, Math.max(left, underWay))];
  };

  /** Of several, nobody knows which one it is about: they go one by one. */
  const settleOneOrGoApart = (outcome: 'written' | { readonly lost: string }, nowMs: number): Settled => {
    if (underWay === 1) return settleOne(outcome, nowMs);
    goApart(underWay);
    return nothing;
  };

  const settleFailed = (nowMs: number): Settled => {
    if (apart.left > 0) return settleOne('suspect', nowMs);
    pause(nowMs);
    if (underWay > 1 && failures >= limits.failures) goApart(underWay);
    return nothing;
  };

  const settle = (sent: Sent, nowMs: number): Settled => {
    if (hasAnswered(sent)) failures = 0;
    switch (sent.kind) {
      case 'written':
        if (apart.left > 0) return settleOne('written', nowMs);
        return { written: items.splice(0, underWay).length, lost: [] };
      case 'denied':
        return { written: 0, lost: takeAll().map((item) => ({ item, code: sent.code })) };
      case 'known':
        return settleOneOrGoApart('written', nowMs);
      case 'refused':
        return settleOneOrGoApart({ lost: sent.code }, nowMs);
      case 'failed':
        return settleFailed(nowMs);
      case 'unavailable':
        pause(nowMs);
        return nothing;
    }
  };

  return {
    length,
    add: (item, nowMs) => {
      if (length() >= capacity) return false;
      if (items.length === 0 && !isHurried) notBeforeMs = Math.max(notBeforeMs, nowMs + gatherMs);
      items.push(item);
      return true;
    },
    dueAt: () => (failures === 0 && items.length >= batch ? Number.NEGATIVE_INFINITY : notBeforeMs),
    next: () => {
      const first = items.slice(0, apart.left > 0 ? 1 : batch);
      underWay = first.length;
      return first;
    },
    settle,
    hurry: () => {
      isHurried = true;
      longestPauseMs = Math.min(longestPauseMs, hurriedPauseMs);
      notBeforeMs = Number.NEGATIVE_INFINITY;
    },
    empty: () => {
      const left = [...apart.suspects, ...items];
      items = [];
      goApart(0);
      return left;
    },
  };
}

const nothing: Settled = { written: 0, lost: [] };
