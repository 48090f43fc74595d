import type { Rule } from '../upstreams/upstream.ts';

/** Tells the collections that rules speak of from all others. */
export function governingCollections(rules: readonly Rule[]): (collection: string) => boolean {
  const named = rules.flatMap((rule) => ('deny' in rule ? [] : [rule.collection]));
  const whole = new Set(named.filter((collection) => !collection.includes('{')));
  const patterns = [...new Set(named)].filter((collection) => collection.includes('{')).map(patternOf);
  return (collection) => whole.has(collection) || patterns.some((pattern) => pattern.test(collection));
}

/** `api_{resource}` may be any collection that begins with `api_`; what stands for the names is captured. */
export const patternOf = (collection: string): RegExp =>
  new RegExp(
    `^${collection
      .split(/\{\w+\}/)
      .map(literally)
      .join('([\\w-]+)')}$`,
  );

const literally = (text: string): string => text.replaceAll(/\W/g, '\\$&');
