import { forbidden } from '../errors/gateway-error.ts';
import type { Action, Method, Rule } from '../upstreams/upstream.ts';
import type { Accountability } from './accountability.ts';

/** A rule that the caller's permission satisfies. */
export type Grant = Extract<Rule, { collection: string }>;

/**
 * Whether this caller may use what this rule governs. Whatever is not plainly allowed is refused.
 * @throws GatewayError FORBIDDEN, with the reason for the log
 */
export function authorize(accountability: Accountability, rule: Rule | undefined, method: Method): Grant {
  if (rule === undefined) throw forbidden('no_rule');
  if ('deny' in rule) throw forbidden(rule.deny);
  const refusal = refusalReason(accountability, rule.collection, rule.action ?? actionOf(method));
  if (refusal !== undefined) throw forbidden(refusal);
  return rule;
}

/** The action that a method stands for. */
export function actionOf(method: Method): Action {
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

function refusalReason(accountability: Accountability, collection: string, action: Action): string | undefined {
  const permission = accountability.permissions.get(collection)?.[action];
  if (permission === undefined || permission.access === 'none') return `no_permission:${collection}.${action}`;
  if (permission.access === 'partial') return `partial_access:${collection}.${action}`;
  if (action === 'delete') return undefined;
  const unrestricted = permission.fields?.includes('*') ?? false;
  if (!unrestricted) return `restricted_fields:${collection}.${action}`;
  if (Object.keys(permission.presets ?? {}).length > 0) return `presets:${collection}.${action}`;
  return undefined;
}
