import { join } from 'node:path';
import { customerPath } from '../answers.ts';
import { installRivals } from '../rivals/install.ts';
import { type Candidate, type Recipe, requireTls, startRecipe } from './candidate.ts';

const before = (upstream: string, port: number, folder: string): Recipe => ({
  program: process.execPath,
  args: [join(folder, 'fastify.js'), String(port), upstream],
  path: customerPath,
});

export const fastifyHttpProxy: Candidate = {
  name: 'fastify-http-proxy',
  does: 'fastify 5 and @fastify/http-proxy: no checks',
  start: async (site) => {
    const folder = await installRivals(site.report);
    return startRecipe('fastify-http-proxy', site, ({ port }) => before(site.surroundings.upstream, port, folder));
  },
};

export const fastifyHttpProxyTls: Candidate = {
  name: 'fastify-http-proxy-tls',
  does: 'the same, with TLS to the upstream',
  start: async (site) => {
    const { upstream, certificate } = requireTls(site);
    const folder = await installRivals(site.report);
    const env = { NODE_EXTRA_CA_CERTS: certificate };
    return startRecipe('fastify-http-proxy-tls', site, ({ port }) => ({ ...before(upstream, port, folder), env }));
  },
};
