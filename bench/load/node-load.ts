import { join } from 'node:path';
import { z } from 'zod';
import type { Cores } from '../cores.ts';
import { runScript } from '../run-script.ts';
import { type RunLoad, requireRight } from './load.ts';

const client = join(import.meta.dirname, '../servers/client.ts');

const load = z.object({
  requests: z.number(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  errors: z.number(),
});

/** Node's own client in a process of its own: slower than wrk, and there wherever Node is. */
export const createNodeLoad = (cores: Cores): RunLoad => {
  return async (target, dose) => {
    const told = await runScript(cores, client, { target, dose });
    return requireRight(target, load.parse(JSON.parse(told)));
  };
};
