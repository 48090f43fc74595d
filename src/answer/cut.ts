import { type Fields, isListed, isListedBelow } from '../authorize/fields.ts';
import type { ListForm, Upstream } from '../upstreams/upstream.ts';

/** Members that every answer keeps: without them nobody could tell what it is. */
const identity: ReadonlySet<string> = new Set(['id', 'object']);

/** What a caller sees of an upstream's answer, given as parsed JSON. */
export type Cut = {
  /** A successful answer: a single object or a list. */
  readonly answer: (value: unknown) => unknown;
  /** One item of a list. */
  readonly item: (value: unknown) => unknown;
  /** An error answer, which may bear the whole object that it is about. */
  readonly error: (value: unknown) => unknown;
};

/** Cuts answers to the fields that the caller's permission lists. */
export const cutter = (fields: Exclude<Fields, 'all'>, { list, errorMembers }: Upstream): Cut => ({
  answer: (value) =>
    isRecord(value) && isList(value, list) ? cutList(value, fields, list) : cutRecord(value, fields, []),
  item: (value) => cutRecord(value, fields, []),
  error: (value) => cutRecord(value, errorMembers, []),
});

/** The same for any caller; undefined for one who may see everything, whose answers are left alone. */
export const cutFor = (fields: Fields, upstream: Upstream): Cut | undefined =>
  fields === 'all' ? undefined : cutter(fields, upstream);

function cutList(value: Members, fields: Fields, { envelope, items }: ListForm): Members {
  const kept = Object.entries(value).flatMap(([name, member]) => {
    if (Array.isArray(member) && (items === '*' || items === name)) {
      return [[name, member.map((item) => cutRecord(item, fields, []))] as const];
    }
    return envelope.includes(name) ? [[name, member] as const] : [];
  });
  return Object.fromEntries(kept);
}

function cutRecord(value: unknown, fields: Fields, above: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => cutRecord(item, fields, above));
  if (!isRecord(value)) return undefined;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const path = [...above, name];
    const isIdentity = identity.has(name) && (typeof member !== 'object' || member === null);
    if (isIdentity || isListed(fields, path)) return [[name, member] as const];
    return isListedBelow(fields, path) ? [[name, cutRecord(member, fields, path)] as const] : [];
  });
  return Object.fromEntries(kept);
}

type Members = { readonly [name: string]: unknown };

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: Members, { marks }: ListForm): boolean =>
  marks.some(({ member, values }) => {
    const mark = value[member];
    return values === undefined ? mark !== undefined : typeof mark === 'string' && values.includes(mark);
  });
