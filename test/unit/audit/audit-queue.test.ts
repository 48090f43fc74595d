import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuditItem } from '../../../src/audit/audit-item.ts';
import {
  type AuditQueueLimits,
  auditQueueLimits,
  createAuditQueue,
  type Sent,
} from '../../../src/audit/audit-queue.ts';
import { auditItem, auditItems } from './audit-items.ts';

const small: AuditQueueLimits = { ...auditQueueLimits, capacity: 5, batch: 3 };
const holding = (limits: AuditQueueLimits, ...ids: string[]) => {
  const queue = createAuditQueue(limits);
  for (const item of auditItems(...ids)) queue.add(item, 0);
  return queue;
};
const ids = (items: readonly AuditItem[]): string => items.map(({ id }) => id).join('');
const refused: Sent = { kind: 'refused', code: 'FAILED_VALIDATION' };
const denied: Sent = { kind: 'denied', code: 'FORBIDDEN' };

/** A Directus that has some items, refuses some, fails with some: what it says of each batch. */
function directusWith({ there = '', refuses = '', failsWith = '' }) {
  const written: string[] = [];
  const answer = (batch: readonly AuditItem[]): Sent => {
    if (batch.some(({ id }) => failsWith.includes(id))) return { kind: 'failed' };
    if (batch.some(({ id }) => refuses.includes(id))) return refused;
    if (batch.some(({ id }) => there.includes(id))) return { kind: 'known' };
    written.push(...batch.map(({ id }) => id));
    return { kind: 'written' };
  };
  return { answer, written };
}

/** Sends until nothing is left, or fifty times. */
function sendAll(queue: ReturnType<typeof createAuditQueue>, answer: (batch: readonly AuditItem[]) => Sent) {
  const lost: string[] = [];
  let count = 0;
  let now = 0;
  for (let time = 0; queue.length() > 0 && time < 50; time += 1) {
    now = Math.max(now, queue.dueAt());
    const settled = queue.settle(answer(queue.next()), now);
    count += settled.written;
    lost.push(...settled.lost.map(({ item, code }) => `${item.id}: ${code}`));
  }
  return { lost, count };
}

describe('items that wait for Directus', () => {
  it('go in their order, as many together as may', () => {
    const queue = holding(small, 'a', 'b', 'c', 'd');
    expect(ids(queue.next())).toBe('abc');
    expect(queue.settle({ kind: 'written' }, 0)).toEqual({ written: 3, lost: [] });
    expect(ids(queue.next())).toBe('d');
  });

  it('are still the ones that were sent when others have come meanwhile', () => {
    const queue = holding(small, 'a');
    queue.next();
    queue.add(auditItem('b'), 0);
    expect(queue.settle({ kind: 'written' }, 0).written).toBe(1);
    expect(ids(queue.next())).toBe('b');
  });

  it('wait a moment for others, and no longer when there are enough', () => {
    const queue = createAuditQueue(small);
    queue.add(auditItem('a'), 1_000);
    queue.add(auditItem('b'), 1_100);
    expect(queue.dueAt()).toBe(1_250);
    queue.add(auditItem('c'), 1_100);
    expect(queue.dueAt()).toBeLessThan(1_100);
  });

  it('are no more than there is room for', () => {
    const queue = holding(small, 'a', 'b', 'c', 'd', 'e');
    expect(queue.add(auditItem('f'), 0)).toBe(false);
    expect(ids(queue.empty())).toBe('abcde');
    expect(queue.length()).toBe(0);
  });
});

describe('while Directus does not answer', () => {
  it('they stay, and are tried again after ever longer pauses', () => {
    const queue = holding(small, 'a', 'b', 'c');
    const pauses = Array.from({ length: 8 }, () => {
      queue.next();
      queue.settle({ kind: 'unavailable' }, 0);
      return queue.dueAt();
    });
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(ids(queue.next())).toBe('abc');
  });

  it('one more that comes shortens no pause', () => {
    const queue = holding(small, 'a');
    queue.next();
    queue.settle({ kind: 'unavailable' }, 0);
    queue.add(auditItem('b'), 10);
    queue.add(auditItem('c'), 10);
    expect(queue.dueAt()).toBe(500);
  });

  it('the pauses are short in a process that ends, and nothing waits for others', () => {
    const queue = holding(small, 'a');
    queue.hurry();
    expect(queue.dueAt()).toBe(Number.NEGATIVE_INFINITY);
    queue.next();
    queue.settle({ kind: 'unavailable' }, 1_000);
    expect(queue.dueAt()).toBe(1_200);
  });

  it('the first success begins anew with short pauses', () => {
    const queue = holding(small, 'a', 'b', 'c', 'd');
    for (const kind of ['unavailable', 'unavailable', 'written', 'unavailable'] as const) {
      queue.next();
      queue.settle({ kind }, 0);
    }
    expect(queue.dueAt()).toBe(500);
  });
});

describe('of items that Directus refuses together', () => {
  it('the one that is refused alone is lost, with Directus’ code, and the others are written in their order', () => {
    const { answer, written } = directusWith({ refuses: 'b' });
    const { lost, count } = sendAll(holding(small, 'a', 'b', 'c', 'd'), answer);
    expect([written.join(''), lost, count]).toEqual(['acd', ['b: FAILED_VALIDATION'], 3]);
  });

  it('those that an attempt without an answer has written are not written again', () => {
    const { answer, written } = directusWith({ there: 'ab' });
    const { lost, count } = sendAll(holding(small, 'a', 'b', 'c', 'd'), answer);
    expect([written.join(''), lost, count]).toEqual(['cd', [], 4]);
  });

  it('all are lost at once where nothing may be written', () => {
    const queue = holding(small, 'a', 'b', 'c', 'd');
    queue.next();
    expect(queue.settle(denied, 0).lost.map(({ item, code }) => `${item.id}: ${code}`)).toEqual([
      'a: FORBIDDEN',
      'b: FORBIDDEN',
      'c: FORBIDDEN',
    ]);
    expect(queue.length()).toBe(1);
  });

  it('the rest is lost, too, where the right is withdrawn while they go one by one', () => {
    const queue = holding(small, 'a', 'b', 'c');
    for (const sent of [refused, { kind: 'failed' } as const, denied]) {
      queue.next();
      queue.settle(sent, 0);
    }
    expect(queue.length()).toBe(0);
  });
});

describe('where Directus fails with them (500)', () => {
  it('the one with which it fails is lost, when it has taken others three times meanwhile', () => {
    const { answer, written } = directusWith({ failsWith: 'b' });
    const queue = holding(small, 'a', 'b', 'c');
    expect(sendAll(queue, answer).lost).toEqual([]);
    queue.add(auditItem('d'), 0);
    expect(sendAll(queue, answer).lost).toEqual([]);
    queue.add(auditItem('e'), 0);
    expect(sendAll(queue, answer).lost).toEqual(['b: INTERNAL_SERVER_ERROR']);
    expect([written.join(''), queue.length()]).toEqual(['acde', 0]);
  });

  it('none is lost that goes alone just before Directus is back', () => {
    const queue = holding(small, 'a', 'b', 'c');
    const { answer, written } = directusWith({});
    let failures = 4;
    const { lost } = sendAll(queue, (batch) => {
      failures -= 1;
      return failures >= 0 ? { kind: 'failed' } : answer(batch);
    });
    expect([written.join(''), lost]).toEqual(['bca', []]);
  });

  it('none is lost while it fails with all of them, however long, and their order stays', () => {
    const queue = holding(small, 'a', 'b', 'c', 'd');
    expect(sendAll(queue, () => ({ kind: 'failed' }))).toEqual({ lost: [], count: 0 });
    expect(queue.length()).toBe(4);
    const { answer, written } = directusWith({});
    sendAll(queue, answer);
    expect(written.join('')).toBe('abcd');
  });
});

it('whatever Directus says, each item is written once, lost once, or waits', () => {
  const kinds = fc.constantFrom<Sent>(
    { kind: 'written' },
    { kind: 'unavailable' },
    { kind: 'failed' },
    { kind: 'known' },
    refused,
    denied,
  );
  const steps = fc.array(fc.oneof(kinds, fc.constant(undefined)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const queue = createAuditQueue(small);
      const left: AuditItem[] = [];
      let written = 0;
      let added = 0;
      for (const sent of all) {
        if (sent === undefined) added += queue.add(auditItem(String(added)), 0) ? 1 : 0;
        else if (queue.next().length > 0) {
          const settled = queue.settle(sent, 0);
          written += settled.written;
          left.push(...settled.lost.map(({ item }) => item));
        }
        expect(queue.length() > 0).toBe(queue.next().length > 0);
      }
      left.push(...queue.empty());
      expect(left.length + written).toBe(added);
      expect(new Set(left).size).toBe(left.length);
    }),
  );
});
