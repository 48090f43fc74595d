import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type Cores, pin } from '../cores.ts';
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
    const [program, args] = pin(cores, 'surroundings', process.execPath, [client]);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.stdin.end(JSON.stringify({ target, dose }));
    const [told] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    process.off('exit', kill);
    return requireRight(target, load.parse(JSON.parse(told)));
  };
};
