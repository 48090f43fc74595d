import { join } from 'node:path';
import { customerPath } from '../answers.ts';
import { plainAndTls, startRecipe, trusting } from './candidate.ts';

const server = join(import.meta.dirname, '../servers/express-hpm.ts');

/** What the gateway is compared with: the proxy library that it is built on, and nothing else. */
export const [expressHpm, expressHpmTls] = plainAndTls(
  { name: 'express-hpm', does: 'Express 5 and http-proxy-middleware 4: no checks' },
  (name, site, api) =>
    startRecipe(name, site, ({ port }) => ({
      program: process.execPath,
      args: [server, String(port), api.upstream],
      env: trusting(api),
      path: customerPath,
    })),
);
