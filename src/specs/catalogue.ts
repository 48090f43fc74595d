import type { JsonObject } from '../directus/json.ts';
import { type Route, routesOf, type Way } from './routes.ts';
import { parameterNames, shapeOf, written } from './template.ts';

/** Where a route is at the gateway. */
export type Place = { readonly path: string; readonly parameters: readonly JsonObject[] };

export type Entry = { readonly route: Route; readonly operationId: string; readonly place: Place };

/** All that some permission could open, each with what stays the same whoever is asking. */
export type Catalogue = {
  readonly entries: readonly Entry[];
  readonly placeOf: (route: Route) => Place;
};

export function catalogueOf(ways: readonly Way[]): Catalogue {
  const routes = ways.flatMap(routesOf);
  // Two patterns that differ in names only are one path: the first one names it, whoever is asking.
  const names = new Map(routes.map((route) => [keyOf(route), parameterNames(route.template)] as const).toReversed());
  const namesOf = (route: Route): readonly string[] => names.get(keyOf(route)) ?? parameterNames(route.template);
  const placeOf = (route: Route) => placeWith(route, namesOf(route));

  const taken = new Map<string, number>();
  const entries = routes.map((route): Entry => {
    const wanted = wantedId(route, namesOf(route));
    const count = (taken.get(wanted) ?? 0) + 1;
    taken.set(wanted, count);
    return { route, operationId: count === 1 ? wanted : `${wanted}-${count}`, place: placeOf(route) };
  });
  return { entries, placeOf };
}

function placeWith(route: Route, names: readonly string[]): Place {
  const inPlace = names.map((name) => `{${name}}`);
  const kinds = route.template.parts.flatMap(({ kind }) => (kind === 'literal' ? [] : [kind]));
  return {
    path: mountOf(route) + written(route.template, inPlace),
    parameters: names.map((name, index) => parameterOf(name, kinds[index] === 'extension')),
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

const parameterOf = (name: string, isExtension: boolean): JsonObject => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', ...(isExtension && { examples: ['json'] }) },
});
