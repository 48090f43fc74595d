import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import { forbidden } from '../errors/gateway-error.ts';
import type { Action, GoverningRule, Method, RowRule, Rule } from '../upstreams/upstream.ts';
import { type Fields, fieldsOf } from './fields.ts';

/** What a caller may do by one rule. */
export type Grant = {
  readonly rule: GoverningRule;
  readonly action: Action;
  /** The parameters that they may send and the members that they may see. */
  readonly fields: Fields;
  /** Parameters that are filled in where they are left out. */
  readonly presets: JsonObject;
  /** The item rule that must be weighed, or `all` where the permission has none. */
  readonly rows: 'all' | RowRule;
};

/**
 * Whether this caller may use what this rule governs. Whatever is not plainly allowed is refused.
 * @throws GatewayError FORBIDDEN, with the reason for the log
 */
export function authorize(accountability: Accountability, rule: Rule | undefined, method: Method): Grant {
  if (rule === undefined) throw forbidden('no_rule');
  if ('deny' in rule) throw forbidden(rule.deny);
  const action = actionBy(rule, method);
  const { collection } = rule;
  const permission = accountability.permissions.get(collection)?.[action];
  if (permission === undefined || permission.access === 'none')
    throw forbidden(`no_permission:${collection}.${action}`);
  const isPartial = permission.access === 'partial';
  if (isPartial && rule.row === undefined) throw forbidden(`partial_access:${collection}.${action}`);
  return {
    rule,
    action,
    fields: action === 'delete' ? 'all' : fieldsOf(permission.fields),
    presets: action === 'create' || action === 'update' ? (permission.presets ?? {}) : {},
    rows: isPartial && rule.row !== undefined ? rule.row : 'all',
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
