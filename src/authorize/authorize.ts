import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import { forbidden } from '../errors/gateway-error.ts';
import type { Action, GoverningRule, Method, RowRule, Rule } from '../upstreams/upstream.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { pathParameters } from './match-rule.ts';
import { plainValue } from './named-rows.ts';

/** What a caller may do by one rule. */
export type Grant = {
  readonly rule: GoverningRule;
  /** The rule's collection, with what the path names filled in. */
  readonly collection: string;
  readonly action: Action;
  /** Values of the path's `:name` segments, decoded. */
  readonly path: ReadonlyMap<string, string>;
  /** The parameters that they may send and the members that they may see. */
  readonly fields: Fields;
  /** Parameters that are filled in where they are left out. */
  readonly presets: JsonObject;
  /** The item rule that must be weighed, its collection filled in, or `all` where the permission has none. */
  readonly rows: 'all' | (RowRule & { readonly collection: string });
};

/**
 * Whether this caller may use what this rule governs. Whatever is not plainly allowed is refused.
 * @param target path below the upstream's name, which the rule matches
 * @throws GatewayError FORBIDDEN, with the reason for the log
 */
export function authorize(
  accountability: Accountability,
  rule: Rule | undefined,
  method: Method,
  target: string,
): Grant {
  if (rule === undefined) throw forbidden('no_rule');
  if ('deny' in rule) throw forbidden(rule.deny);
  const action = actionBy(rule, method);
  const path = pathParameters(rule, target);
  const collection = filledIn(rule.collection, path);
  const permission = accountability.permissions.get(collection)?.[action];
  if (permission === undefined || permission.access === 'none')
    throw forbidden(`no_permission:${collection}.${action}`);
  const isPartial = permission.access === 'partial';
  if (isPartial && rule.row === undefined) throw forbidden(`partial_access:${collection}.${action}`);
  return {
    rule,
    collection,
    action,
    path,
    fields: action === 'delete' ? 'all' : fieldsOf(permission.fields),
    presets: action === 'create' || action === 'update' ? (permission.presets ?? {}) : {},
    rows:
      isPartial && rule.row !== undefined
        ? { ...rule.row, collection: filledIn(rule.row.collection ?? rule.collection, path) }
        : 'all',
  };
}

/** The action that a rule asks for: its own, or the one that the method stands for. */
export const actionBy = (rule: GoverningRule, method: Method): Action => rule.action ?? actionOf(method);

function actionOf(method: Method): Action {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'read';
    case 'POST':
      return 'create';
    case 'PUT':
    case 'PATCH':
      return 'update';
    case 'DELETE':
      return 'delete';
  }
}

/** A collection whose name is partly the caller's is never one of Directus' own. */
export function filledIn(collection: string, path: ReadonlyMap<string, string>): string {
  if (!collection.includes('{')) return collection;
  const filled = collection.replaceAll(placeholder, (_whole, name: string) => path.get(name) ?? '');
  if (!plainValue.test(filled) || filled.toLowerCase().startsWith('directus_')) throw forbidden('odd_collection');
  return filled;
}

const placeholder = /\{(\w+)\}/g;
