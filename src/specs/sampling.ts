import { oncePer } from '../upstreams/once-per.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/** A word that no pattern of the upstream speaks of, and how many segments of it may have to stand for a final `*`. */
export const samplingOf = oncePer(
  ({ rules, secrets, resources }: Pick<Upstream, 'rules' | 'secrets' | 'resources'>) => {
    const patterns = [...rules, ...secrets, ...resources].map(({ path }) =>
      decodeURIComponent(path).normalize('NFKC').toLowerCase(),
    );
    let word = 'sample';
    for (let count = 2; patterns.some((pattern) => pattern.includes(word)); count += 1) word = `sample${count}`;
    const deepest = Math.max(0, ...patterns.map((pattern) => pattern.split('/').length));
    return { word, depths: Array.from({ length: deepest }, (_none, index) => index + 1) };
  },
);
