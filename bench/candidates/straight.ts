import { customerPath } from '../answers.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Api, type Candidate, type Running, requireTls } from './candidate.ts';

/** It shares its core with the load, so that its requests per second are a floor. */
export const straight: Candidate = {
  name: 'straight',
  does: 'the upstream itself: nothing between',
  start: ({ surroundings }) => at(surroundings, { upstream: surroundings.upstream }),
};

export const straightTls: Candidate = {
  name: 'straight-tls',
  does: 'the same, over TLS',
  start: (site) => at(site.surroundings, requireTls(site)),
};

const at = async ({ pid }: Surroundings, { upstream, certificate }: Api): Promise<Running> => ({
  target: { url: `${upstream}${customerPath}`, headers: {}, ...(certificate !== undefined && { certificate }) },
  pid,
  stop: async () => {},
});
