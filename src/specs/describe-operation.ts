import type { Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import { underRule } from '../upstreams/under-rule.ts';
import type { Method, Upstream } from '../upstreams/upstream.ts';
import { answerOf } from './composed.ts';
import { errorReferences } from './errors.ts';
import { forcedPresets } from './field-schema.ts';
import type { DescribedOperation } from './open-api.ts';
import { forbiddenNames } from './parameters-schema.ts';
import { requestBody } from './request-body.ts';
import type { Route } from './routes.ts';
import { isOpen } from './template.ts';

export type Described = {
  readonly route: Route;
  readonly grant: Grant;
  readonly operationId: string;
  readonly accountability: Accountability;
  /** Puts a body where several operations can refer to it. */
  readonly share: (body: JsonObject) => JsonObject;
};

/** What one caller may do by one route. */
export function describeOperation({ route, grant, operationId, accountability, share }: Described): DescribedOperation {
  const { rule, method } = route;
  const upstream = underRule(route.way.upstream, rule);
  const description = sentencesOf(route, grant, upstream).join(' ');
  return {
    operationId,
    tags: [upstream.name],
    ...(description !== '' && { description }),
    ...(withBody.has(method) && { requestBody: share(requestBody(grant, accountability, upstream)) }),
    responses: rule.operation === undefined ? errorReferences : { 200: answerOf(rule.operation), ...errorReferences },
    'x-directus-collection': grant.collection,
    'x-directus-action': grant.action,
    'x-gateway-rule': rule.path,
    ...(grant.fields !== 'all' && { 'x-directus-fields': grant.fields }),
    ...(grant.rows !== 'all' && { 'x-directus-rows': 'some' as const }),
  };
}

const withBody: ReadonlySet<Method> = new Set(['POST', 'PUT', 'PATCH']);

function sentencesOf(route: Route, grant: Grant, upstream: Upstream): string[] {
  return [
    ...(isOpen(route.template)
      ? ['The last segment may be several. Some of what is below is refused; /gateway/explain says what.']
      : []),
    ...rowsSentence(grant),
    ...fieldsSentences(grant, upstream),
    ...parameterSentences(route, grant, upstream),
  ];
}

/** An item rule's own content is Directus' affair. */
function rowsSentence({ rows }: Grant): string[] {
  if (rows === 'all') return [];
  if (rows.from === 'each-item')
    return [`Limited to what belongs to rows of "${rows.collection}" that you may read in Directus.`];
  const places = rows.from.map((source) => {
    if ('path' in source) return `the path (${source.path})`;
    return 'query' in source ? `the query (${source.query})` : `the body (${source.body})`;
  });
  return [
    `Limited to rows of "${rows.collection}" that you may see and change in Directus: name one by its "${rows.field}" in ${places.join(' or ')}.`,
  ];
}

function fieldsSentences({ fields, action }: Grant, { pageParameters }: Upstream): string[] {
  if (fields === 'all') return [];
  const listed = fields.length === 0 ? 'nothing' : fields.join(', ');
  const pages = action === 'read' && pageParameters.length > 0 ? `, and pages by ${pageParameters.join(', ')}` : '';
  return [`Parameters may speak of these fields only${pages}: ${listed}.`, 'Answers are cut to them, id and object.'];
}

function parameterSentences({ rule, method }: Route, { fields, presets }: Grant, upstream: Upstream): string[] {
  const forbidden = forbiddenNames(upstream);
  const forced = forcedPresets(fields, presets);
  const filled = withBody.has(method) ? (rule.defaults ?? []).map(({ parameter }) => parameter) : [];
  const prefixes = rule.destinations?.prefixes ?? [];
  return [
    ...(forbidden.length === 0 ? [] : [`May not be sent: ${forbidden.join(', ')}.`]),
    ...(forced.length === 0 ? [] : [`Set for you: ${forced.join(', ')}.`]),
    ...(filled.length === 0 ? [] : [`Filled in where left out: ${filled.join(', ')}.`]),
    ...(rule.destinations === undefined
      ? []
      : [
          `${rule.destinations.parameter} names telephone numbers${prefixes.length === 0 ? '' : ` that begin with ${prefixes.join(' or ')}`}.`,
        ]),
  ];
}
