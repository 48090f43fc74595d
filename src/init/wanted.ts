import type { GoverningRule, Rule, Upstream } from '../upstreams/upstream.ts';

/** A collection that rules name. */
export type WantedCollection = {
  readonly name: string;
  readonly upstreams: readonly string[];
  /** Name of an icon as Directus has them (Material Symbols). */
  readonly icon: string;
  /** What its permissions decide on, such as `POST /stripe/customers`. Empty where it only holds rows. */
  readonly routes: readonly string[];
  /** Fields by which rows are found, or into which ids are written. */
  readonly rowFields: readonly string[];
  /** Parameters that a permission may be limited to. */
  readonly parameters: readonly string[];
  /** Whether every rule that names it is optional. */
  readonly optional: boolean;
};

/** Every collection that the rules of the upstreams name, in their order. Names that hold a `{part}` of a path are not. */
export function wantedCollections(upstreams: readonly Pick<Upstream, 'name' | 'icon' | 'rules'>[]): WantedCollection[] {
  const found = new Map<string, WantedCollection>();
  for (const { name: upstream, icon = plainIcon, rules } of upstreams) {
    for (const rule of rules) {
      for (const named of namedBy(upstream, icon, rule)) {
        if (named.name.includes('{')) continue;
        const before = found.get(named.name);
        found.set(named.name, before === undefined ? named : merged(before, named));
      }
    }
  }
  return [...found.values()];
}

/** Of an API that declares none. */
export const plainIcon = 'vpn_lock';

function namedBy(upstream: string, icon: string, rule: Rule): WantedCollection[] {
  if ('deny' in rule) return [];
  const { row, collection, writeBack, fields = [], optional = false } = rule;
  const holder = row?.collection ?? collection;
  const common = { upstreams: [upstream], icon, optional };
  const governs: WantedCollection = {
    ...common,
    name: collection,
    routes: [routeOf(upstream, rule)],
    rowFields: united(
      row !== undefined && holder === collection ? [row.field] : [],
      writeBack === undefined ? [] : [writeBack],
    ),
    parameters: fields,
  };
  if (row === undefined || holder === collection) return [governs];
  return [governs, { ...common, name: holder, routes: [], rowFields: [row.field], parameters: [] }];
}

const routeOf = (upstream: string, { methods, path, action }: GoverningRule): string =>
  `${methods?.join(', ') ?? 'any method'} /${upstream}${path}${action === undefined ? '' : ` (as ${action})`}`;

const merged = (one: WantedCollection, other: WantedCollection): WantedCollection => ({
  name: one.name,
  icon: one.icon,
  upstreams: united(one.upstreams, other.upstreams),
  routes: united(one.routes, other.routes),
  rowFields: united(one.rowFields, other.rowFields),
  parameters: united(one.parameters, other.parameters),
  optional: one.optional && other.optional,
});

const united = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])];
