import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { createReport } from '../../demo/report.ts';
import { hasApt, unpackDebian } from '../../test/world/debian-packages.ts';
import { type Cores, pin } from '../cores.ts';
import { type RunLoad, requireRight, type Target } from './load.ts';

const run = promisify(execFile);

export type Wrk = { readonly program: string; readonly env: NodeJS.ProcessEnv };

/** wrk of the system, or else that of its Debian package, unpacked once into the user's cache folder. */
export async function findWrk(): Promise<Wrk | { readonly missing: string }> {
  const ofTheSystem = { program: 'wrk', env: process.env };
  if (await works(ofTheSystem)) return ofTheSystem;
  if (!(await hasApt())) return { missing: 'there is no wrk' };
  try {
    const target = join(cacheFolder(), 'wrk');
    const system = await readFile('/etc/os-release', 'utf8');
    const recipe = createHash('sha256').update(`1 ${system}`).digest('hex');
    const which = { packages: ['wrk'], wanted: /^(wrk|libluajit\S*)$/ };
    const report = createReport();
    await buildOnce({ target, recipe, report, build: (folder) => unpackDebian(folder, which, report) });
    const library = join(target, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
    const unpacked = { program: join(target, 'usr/bin/wrk'), env: { ...process.env, LD_LIBRARY_PATH: library } };
    return (await works(unpacked)) ? unpacked : { missing: 'the unpacked wrk does not run: apt install wrk' };
  } catch {
    return { missing: 'there is no wrk, and apt could not fetch it: apt install wrk' };
  }
}

/** Prints its version, and ends with 1 for want of an address. */
const works = ({ program, env }: Wrk): Promise<boolean> =>
  run(program, ['--version'], { env }).then(
    () => true,
    (error: { stdout?: string }) => /^wrk /.test(error.stdout ?? ''),
  );

const summary = z.object({
  requests: z.number(),
  microseconds: z.number(),
  p50: z.number(),
  p99: z.number(),
  errors: z.number(),
});

/** One thread of wrk beside the upstream. */
export const createWrkLoad = ({ program, env }: Wrk, cores: Cores): RunLoad => {
  return async (target, { connections, seconds }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-wrk-'));
    try {
      const script = join(folder, 'load.lua');
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
    } finally {
      await rm(folder, { recursive: true });
    }
  };
};

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
