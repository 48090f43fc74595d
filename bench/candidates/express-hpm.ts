import { join } from 'node:path';
import { type Candidate, startRecipe } from './candidate.ts';

const server = join(import.meta.dirname, '../servers/express-hpm.ts');

/** What the gateway is compared with: the proxy library that it is built on, and nothing else. */
export const expressHpm: Candidate = {
  name: 'express-hpm',
  does: 'Express 5 and http-proxy-middleware 4: no checks',
  start: (site) =>
    startRecipe('express-hpm', site, ({ port }) => ({
      program: process.execPath,
      args: [server, String(port), site.surroundings.upstream],
      path: '/v1/customers/cus_1',
    })),
};
