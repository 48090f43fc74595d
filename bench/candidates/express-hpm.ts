import { join } from 'node:path';
import { customerPath } from '../answers.ts';
import { type Candidate, type Recipe, requireTls, startRecipe } from './candidate.ts';

const server = join(import.meta.dirname, '../servers/express-hpm.ts');

const before = (upstream: string, port: number): Recipe => ({
  program: process.execPath,
  args: [server, String(port), upstream],
  path: customerPath,
});

/** What the gateway is compared with: the proxy library that it is built on, and nothing else. */
export const expressHpm: Candidate = {
  name: 'express-hpm',
  does: 'Express 5 and http-proxy-middleware 4: no checks',
  start: (site) => startRecipe('express-hpm', site, ({ port }) => before(site.surroundings.upstream, port)),
};

export const expressHpmTls: Candidate = {
  name: 'express-hpm-tls',
  does: 'the same, with TLS to the upstream',
  start: (site) => {
    const { upstream, certificate } = requireTls(site);
    const env = { NODE_EXTRA_CA_CERTS: certificate };
    return startRecipe('express-hpm-tls', site, ({ port }) => ({ ...before(upstream, port), env }));
  },
};
