import { join } from 'node:path';
import { customerPath } from '../answers.ts';
import { installRivals } from '../rivals/install.ts';
import { type Candidate, startRecipe } from './candidate.ts';

export const fastifyHttpProxy: Candidate = {
  name: 'fastify-http-proxy',
  does: 'fastify 5 and @fastify/http-proxy: no checks',
  start: async (site) => {
    const folder = await installRivals(site.report);
    return startRecipe('fastify-http-proxy', site, ({ port }) => ({
      program: process.execPath,
      args: [join(folder, 'fastify.js'), String(port), site.surroundings.upstream],
      path: customerPath,
    }));
  },
};
