import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findProgram, type Program } from '../../test/world/find-program.ts';
import { type Cores, pin } from '../cores.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type RunLoad, requireRight, type Target } from './load.ts';

const run = promisify(execFile);

export const findWrk = () =>
  findProgram({
    name: 'wrk',
    path: '/usr/bin/wrk',
    versionArgument: '--version',
    packages: ['wrk'],
    wanted: /^(wrk|libluajit\S*)$/,
  });

const summary = z.object({
  requests: z.number(),
  microseconds: z.number(),
  p50: z.number(),
  p99: z.number(),
  errors: z.number(),
});

/** One thread of wrk beside the upstream. An error is to wrk what has a status of 400 or more. */
export async function createWrkLoad({ program, env }: Program, cores: Cores): Promise<RunLoad> {
  const script = join(await temporaryFolder('wrk'), 'load.lua');
  return async (target, { connections, seconds }) => {
    await writeFile(script, luaFor(target));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, target.url];
    const { stdout } = await run(...pin(cores, 'surroundings', program, args), { env });
    const told = summary.parse(JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))));
    return requireRight(target, {
      requests: told.requests,
      seconds: told.microseconds / 1e6,
      p50Ms: told.p50 / 1e3,
      p99Ms: told.p99 / 1e3,
      errors: told.errors,
    });
  };
}

/** Every run of wrk starts at another number: the tokens of the run before are remembered still. */
function luaFor({ headers, countTokens = false }: Target): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
  );
  const counting = `local count = ${Date.now() * 1_000}
local token = wrk.headers["Authorization"]
function request()
  count = count + 1
  wrk.headers["Authorization"] = token .. string.format("%d", count)
  return wrk.format()
end
`;
  return `${lines.join('\n')}
${countTokens ? counting : ''}function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"errors":%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.timeout + e.status))
end
`;
}
