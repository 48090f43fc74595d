import { shortList } from '../init/short-list.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/** Where an upstream is, what governs it and by how many rules. */
export function upstreamFacts({ origin, rules }: Upstream) {
  const governing = rules.flatMap((rule) => ('deny' in rule ? [] : [rule]));
  const needed = new Set(governing.filter(({ optional }) => optional !== true).map(({ collection }) => collection));
  const optional = new Set(
    governing.map(({ collection }) => collection).filter((collection) => !needed.has(collection)),
  );
  return { origin, collections: [...needed], optionalCollections: optional.size, rules: rules.length };
}

/** `stripe at https://api.stripe.com by customers and 31 optional collections, 90 rules`. */
export function describeUpstream(upstream: Upstream): string {
  const { origin, collections, optionalCollections: more, rules } = upstreamFacts(upstream);
  const names = [
    shortList(collections),
    more === 0 ? '' : `${more} optional ${more === 1 ? 'collection' : 'collections'}`,
  ];
  const governed = names.filter((text) => text !== '').join(' and ') || 'no collection';
  return `${upstream.name} at ${origin} by ${governed}, ${rules} ${rules === 1 ? 'rule' : 'rules'}`;
}
