import { join } from 'node:path';
import { customerPath } from '../answers.ts';
import { installRivals } from '../rivals/install.ts';
import { plainAndTls, startRecipe, trusting } from './candidate.ts';

export const [fastifyHttpProxy, fastifyHttpProxyTls] = plainAndTls(
  { name: 'fastify-http-proxy', does: 'fastify 5 and @fastify/http-proxy: no checks' },
  async (name, site, api) => {
    const folder = await installRivals(site.report);
    return startRecipe(name, site, ({ port }) => ({
      program: process.execPath,
      args: [join(folder, 'fastify.js'), String(port), api.upstream],
      env: trusting(api),
      path: customerPath,
    }));
  },
);
