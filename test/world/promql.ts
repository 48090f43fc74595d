/** A metric as an expression of PromQL asks for it, with the values of each label that it names one by one. */
export type Selector = { readonly metric: string; readonly labels: ReadonlyMap<string, readonly string[]> };

/** What an expression asks for. A pattern counts as the words between its bars; `.*` is none. */
export const selectorsIn = (expr: string): Selector[] =>
  [...expr.matchAll(/\b(directus_gateway_\w+|[a-z_]\w*(?=[{[]))(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({ metric, labels: labelsOf(matchers) }),
  );

/** Labels that an expression puts series together by, or that Grafana lists the values of. */
export const labelsAskedFor = (expr: string): string[] => [
  ...[...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/\W+/)),
  ...[...expr.matchAll(/^label_values\(.*,\s*(\w+)\)$/g)].map(([, name = '']) => name),
];

/** Labels that a text of an alert, or a legend, is filled in with. */
export const labelsShown = (text: string): string[] =>
  [...text.matchAll(/\$labels\.(\w+)|\{\{\s*(\w+)\s*\}\}/g)]
    .map(([, ofAlert, ofLegend]) => ofAlert ?? ofLegend ?? '')
    .filter((name) => name !== 'else' && name !== 'end');

const labelsOf = (matchers: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, name = '', how = '', value = '']) => [
      name,
      how.endsWith('~') ? value.split('|').filter((word) => word !== '.*') : [value],
    ]),
  );

/** Of each metric of a scrape: its labels, with the values that they have there. */
export function labelsTold(series: Iterable<string>): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const told = new Map<string, Map<string, Set<string>>>();
  for (const one of series) {
    const [{ metric, labels } = { metric: one, labels: new Map<string, readonly string[]>() }] = selectorsIn(one);
    const known = told.get(metric) ?? new Map<string, Set<string>>();
    told.set(metric, known);
    for (const [name, values] of labels) known.set(name, new Set([...(known.get(name) ?? []), ...values]));
  }
  return told;
}
