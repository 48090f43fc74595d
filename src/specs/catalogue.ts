import type { JsonObject } from '../directus/json.ts';
import { type Route, routesOf, type Way } from './routes.ts';
import { parameterNames, shapeOf, type Template, written } from './template.ts';

export type Entry = { readonly route: Route; readonly operationId: string };

/** All that some permission could open, each with what stays the same whoever is asking. */
export type Catalogue = {
  readonly entries: readonly Entry[];
  /** The path of a route at the gateway, and its parameters. */
  readonly pathOf: (route: Route) => { readonly path: string; readonly parameters: readonly JsonObject[] };
};

export function catalogueOf(ways: readonly Way[]): Catalogue {
  const routes = ways.flatMap(routesOf);
  // Two patterns that differ in names only are one path: the first one names it, whoever is asking.
  const names = new Map(routes.map((route) => [keyOf(route), parameterNames(route.template)] as const).toReversed());
  const namesOf = (route: Route): readonly string[] => names.get(keyOf(route)) ?? parameterNames(route.template);

  const taken = new Map<string, number>();
  const entries = routes.map((route): Entry => {
    const wanted = wantedId(route, namesOf(route));
    const count = (taken.get(wanted) ?? 0) + 1;
    taken.set(wanted, count);
    return { route, operationId: count === 1 ? wanted : `${wanted}-${count}` };
  });
  return {
    entries,
    pathOf: (route) => {
      const own = namesOf(route);
      const { template } = route;
      return {
        path:
          mountOf(route) +
          written(
            template,
            own.map((name) => `{${name}}`),
          ),
        parameters: own.map((name, index) => parameterOf(name, kindsOf(template)[index] ?? 'name')),
      };
    },
  };
}

const mountOf = ({ way }: Route): string => `/${way.upstream.name}`;

const keyOf = (route: Route): string => mountOf(route) + shapeOf(route.template);

/** Such as `get_stripe_v1_customers_by_id`; no such name has the `-` of those that would be the same. */
const wantedId = ({ way, method, template }: Route, names: readonly string[]): string =>
  `${method.toLowerCase()}/${way.upstream.name}${written(
    template,
    names.map((name) => `by_${name}`),
  )}`
    .split(/\W+/)
    .filter((word) => word !== '')
    .join('_');

const kindsOf = ({ parts }: Template) => parts.flatMap(({ kind }) => (kind === 'literal' ? [] : [kind]));

const parameterOf = (name: string, kind: 'name' | 'rest' | 'extension'): JsonObject => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', ...(kind === 'extension' && { examples: ['json'] }) },
});
