import { actionBy, authorize, type Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { isPossible } from './composed.ts';
import { describeOperation } from './describe-operation.ts';
import { responses } from './errors.ts';
import type { MethodsByAction, OpenApiDocument, PathItem } from './open-api.ts';
import { type Route, routesWithin, type Way } from './routes.ts';
import { securityOf, securitySchemes } from './security.ts';

export type Asking = {
  readonly accountability: Accountability;
  /** Whether there is a token. Without one, only what rules make public is there. */
  readonly isKnown: boolean;
  /** The gateway's address. */
  readonly address: string;
};

export type DescribeApi = (asking: Asking) => OpenApiDocument;

/**
 * Describes what one caller may do, from the rules and from what Directus says of the caller, by the same decisions that
 * a request meets. What depends on the request itself (a row, a value, a rate) is told in words.
 */
export function createDescribeApi(ways: readonly Way[], sessionCookieName: string): DescribeApi {
  let made: Catalogue | undefined;
  return ({ accountability, isKnown, address }) => {
    made ??= catalogueOf(ways); // at the first question: most gateways are never asked
    const { paths, tags, requestBodies } = describeAll(made, accountability, isKnown);
    return {
      openapi: '3.1.1',
      info,
      servers: [{ url: address }],
      security: securityOf(isKnown),
      tags,
      paths,
      components: { securitySchemes: securitySchemes(sessionCookieName), requestBodies, responses },
    };
  };
}

const info = {
  title: 'directus-gateway',
  version: '1.0.0',
  description:
    'What you may do through the gateway now, by the rules and by your permissions in Directus. A path without parameters goes before one with them.',
};

function describeAll({ entries, placeOf }: Catalogue, accountability: Accountability, isKnown: boolean) {
  const items = new Map<string, PathItem>();
  const offered = new Map<string, MethodsByAction>();
  const tags = new Set<string>();
  const bodies = new Map<string, { readonly name: string; readonly body: JsonObject }>();
  const share = (body: JsonObject): JsonObject => {
    const key = JSON.stringify(body);
    const { name } = bodies.get(key) ?? { name: `Body${bodies.size + 1}` };
    bodies.set(key, { name, body });
    return { $ref: `#/components/requestBodies/${name}` };
  };

  for (const entry of entries.filter(({ route }) => isKnown || route.rule.public === true)) {
    for (const route of routesWithin(entry.route, accountability.permissions)) {
      const { path, parameters } = route === entry.route ? entry.place : placeOf(route);
      offered.set(path, withMethod(offered.get(path) ?? {}, route));
      const grant = grantOf(accountability, route);
      if (grant === undefined) continue;
      const operationId = route === entry.route ? entry.operationId : `${entry.operationId}-${grant.collection}`;
      const operation = describeOperation({ route, grant, operationId, accountability, share });
      items.set(path, { parameters, ...items.get(path), [route.method.toLowerCase()]: operation });
      tags.add(route.way.upstream.name);
    }
  }
  return {
    paths: Object.fromEntries(
      [...items].map(([path, item]) => [path, { ...item, 'x-gateway-methods': offered.get(path) ?? {} }]),
    ),
    tags: [...tags].map((name) => ({ name })),
    requestBodies: Object.fromEntries([...bodies.values()].map(({ name, body }) => [name, body])),
  };
}

function withMethod(methods: MethodsByAction, { rule, method }: Route): MethodsByAction {
  const action = actionBy(rule, method);
  return { ...methods, [action]: [...(methods[action] ?? []), method] };
}

/** What the caller may do there; undefined: nothing. */
function grantOf(accountability: Accountability, { rule, method, sample }: Route): Grant | undefined {
  try {
    const grant = authorize(accountability, rule, method, sample);
    return isPossible(grant) ? grant : undefined;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'FORBIDDEN') return undefined;
    throw error;
  }
}
