import type { Caller } from './authenticate/authenticate.ts';
import { actionBy, authorize, filledIn, type Grant } from './authorize/authorize.ts';
import { pathParameters } from './authorize/match-rule.ts';
import { mayWriteBack } from './authorize/may-write-back.ts';
import { requireRows } from './authorize/require-rows.ts';
import type { Directus } from './directus/directus.ts';
import { adviceOn } from './errors/advice.ts';
import { GatewayError } from './errors/gateway-error.ts';
import type { Connected } from './gateway.ts';
import { unambiguousParameters } from './prepare/parameters.ts';
import { requireOwnMethod } from './prepare/require-own-method.ts';
import { isForbidding, requireListed, requirePermitted } from './prepare/weigh-parameters.ts';
import { findUpstream, type Upstreams } from './route/find-upstream.ts';
import { pathAsked } from './route/path-asked.ts';
import { parseRequestTarget } from './route/request-target.ts';
import { requireMethod } from './route/require-method.ts';
import type { Suggest, Suggestion } from './suggest/suggest.ts';
import { withoutToken } from './token/extract-token.ts';
import { underRule } from './upstreams/under-rule.ts';
import type { Action, Rule } from './upstreams/upstream.ts';

export type Question = {
  readonly method: string;
  /** Path and query of the route that is asked about; a whole address and a missing first slash are understood. */
  readonly path: string;
  readonly caller: Caller;
  /** Milliseconds since the epoch at which it was asked. */
  readonly at: number;
};

/** Why a request would be let through or refused, as far as that can be told without its body. */
export type Explanation = Steps & {
  readonly method: string;
  readonly path: string;
  readonly verdict: 'allowed' | 'refused';
  /** Code of the error, reason as in the log, what the caller is told, and what to change. */
  readonly refusal?: {
    readonly code: string;
    readonly reason?: string;
    readonly message: string;
    readonly advice: string;
    /** A route of the caller's own that may have been meant. */
    readonly suggestion?: Suggestion;
  };
  readonly caller: { readonly user: string | null; readonly role: string | null; readonly share: string | null };
  /** How old Directus' answer is, in milliseconds, and whether it was remembered. */
  readonly directus: { readonly ageMs: number; readonly remembered: boolean };
};

/** What the steps found, as far as they came. */
type Steps = {
  upstream?: string;
  /** The rule that decides. */
  rule?: Rule;
  action?: Action;
  /** The rule's collection, with what the path names filled in. */
  collection?: string;
  /** What Directus says of this action on the rule's collection; null where it grants nothing. */
  permission?: unknown;
  /** `readable`: the rows that path and query name were looked up; `body`: the body will name them. */
  rows?: 'all' | 'readable' | 'each item' | 'body';
  /** What would be refused of a request that is allowed as it was asked about. */
  note?: string;
};

export type ExplainParts = {
  readonly upstreams: Upstreams<Pick<Connected, 'upstream' | 'matchRule'>>;
  readonly directus: Directus;
  readonly suggest: Suggest;
};
export type Explain = (question: Question) => Promise<Explanation>;

/** Goes the way of a request, with the same steps, and tells what they say instead of sending anything. */
export const createExplain =
  (parts: ExplainParts): Explain =>
  async (asked) => {
    const question = { ...asked, path: pathAsked(asked.path) };
    const { method, path, caller, at } = question;
    const { user, role, share } = caller.accountability;
    const remembered = caller.askedAt < at;
    const about = {
      method,
      path,
      caller: { user, role, share },
      directus: { remembered, ageMs: remembered ? at - caller.askedAt : 0 },
    };
    const steps: Steps = {};
    try {
      await walk(steps, parts, question);
      return { ...about, verdict: 'allowed', ...steps };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { code, logReason: reason, message } = error;
      const suggestion = meantBy(error, question, parts.suggest);
      const refusal = {
        code,
        ...(reason !== undefined && { reason }),
        message,
        advice: suggestion === undefined ? adviceOn(error) : `Did you mean ${suggestion.method} ${suggestion.path}?`,
        ...(suggestion !== undefined && { suggestion }),
      };
      return { ...about, verdict: 'refused', refusal, ...steps };
    }
  };

/** Where no rule is about what was asked: what was meant, if that can be told. */
function meantBy(error: GatewayError, question: Question, suggest: Suggest): Suggestion | undefined {
  if (error.code !== 'ROUTE_NOT_FOUND' && error.logReason !== 'no_rule') return undefined;
  const method = requireMethod(question.method, undefined);
  const { path } = parseRequestTarget(question.path);
  return suggest(question.caller.accountability, { method, path });
}

async function walk(told: Steps, { upstreams, directus }: ExplainParts, question: Question): Promise<void> {
  const { asker, accountability } = question.caller;
  const method = requireMethod(question.method, undefined);
  const route = findUpstream(upstreams, undefined, parseRequestTarget(question.path));
  const { target } = route;
  told.upstream = route.upstream.name;

  const rule = route.matchRule(method, target.path);
  if (rule !== undefined) told.rule = withoutValues(rule);
  if (rule !== undefined && 'collection' in rule) {
    told.action = actionBy(rule, method);
    told.collection = filledIn(rule.collection, pathParameters(rule, target.path));
    told.permission = accountability.permissions.get(told.collection)?.[told.action] ?? null;
  }
  const grant = authorize(accountability, rule, method, target.path);

  const upstream = underRule(route.upstream, grant.rule);
  const isPlain = grant.fields === 'all' && grant.rows === 'all' && !isForbidding(upstream, grant.rule);
  const sent = withoutToken(target.query);
  requireOwnMethod(sent, undefined);
  const query = isPlain ? [] : unambiguousParameters(sent, upstream.bodyForm === 'form-flat');
  requirePermitted({ query, body: [] }, upstream);
  requireListed(query, grant, upstream);

  told.rows = rowsOf(grant);
  if (told.rows === 'readable') {
    await requireRows(directus, asker, grant, { query, body: [] });
  }
  const { writeBack } = grant.rule;
  if (writeBack !== undefined && !mayWriteBack(accountability, grant)) {
    told.note = `With "item" it is refused: that also needs "update" on "${grant.collection}", with the field "${writeBack}".`;
  }
}

/** What the gateway fills in may be a secret. */
const withoutValues = (rule: Rule): Rule =>
  'deny' in rule || rule.defaults === undefined
    ? rule
    : { ...rule, defaults: rule.defaults.map((each) => ({ ...each, value: '[set]' })) };

function rowsOf({ rows }: Grant): 'all' | 'readable' | 'each item' | 'body' {
  if (rows === 'all') return 'all';
  if (rows.from === 'each-item') return 'each item';
  return rows.from.every((source) => 'body' in source) ? 'body' : 'readable';
}
