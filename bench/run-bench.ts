import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createReport } from '../demo/report.ts';
import { findNginx } from '../test/world/nginx.ts';
import type { Candidate } from './candidates/candidate.ts';
import { type Cores, findCores } from './cores.ts';
import type { Figures } from './figures.ts';
import type { RunLoad } from './load/load.ts';
import { createNodeLoad } from './load/node-load.ts';
import { createWrkLoad, findWrk } from './load/wrk.ts';
import { describeMachine } from './machine.ts';
import { measureRounds, type Plan } from './measure-rounds.ts';
import { startEntrants } from './start-entrants.ts';
import { type Surroundings, startNginxSurroundings, startNodeSurroundings } from './surroundings.ts';

/** What loads and what is asked. */
export type Tools = {
  readonly load: string;
  readonly runLoad: RunLoad;
  readonly upstream: string;
  readonly startSurroundings: () => Promise<Surroundings>;
};

/** wrk and nginx where they are to be had, and else what Node brings. */
export async function bestTools(cores: Cores): Promise<Tools> {
  const [wrk, nginx] = [await findWrk(), await findNginx()];
  const ofNode = nodeTools(cores);
  return {
    ...('missing' in wrk
      ? { load: `${ofNode.load} (${wrk.missing})`, runLoad: ofNode.runLoad }
      : { load: 'wrk, one thread', runLoad: await createWrkLoad(wrk, cores) }),
    ...('missing' in nginx
      ? { upstream: `${ofNode.upstream} (${nginx.missing})`, startSurroundings: ofNode.startSurroundings }
      : { upstream: 'nginx, one worker', startSurroundings: () => startNginxSurroundings(nginx.program, cores) }),
  };
}

/** Which need nothing but Node. */
export const nodeTools = (cores: Cores): Tools => ({
  load: 'node:http',
  runLoad: createNodeLoad(cores),
  upstream: 'node:http',
  startSurroundings: () => startNodeSurroundings(cores),
});

export async function runBench(
  candidates: readonly Candidate[],
  plan: Plan,
  chooseTools: (cores: Cores) => Tools | Promise<Tools>,
): Promise<Figures> {
  if (process.platform !== 'linux') throw new Error('What a process has used is read from /proc: this needs Linux.');
  const report = createReport();
  const cores = await findCores();
  const machine = describeMachine(cores);
  const tools = await chooseTools(cores);
  await report.during('The gateway is built', () =>
    promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: root }),
  );
  const surroundings = await tools.startSurroundings();
  try {
    const { entrants, missing, stop } = await startEntrants(candidates, { cores, surroundings, report });
    try {
      const results = await measureRounds(entrants, tools.runLoad, plan, report);
      const { load, upstream } = tools;
      const date = new Date().toISOString().slice(0, 10);
      return {
        date,
        machine,
        load,
        upstream,
        plan,
        results,
        missing,
      };
    } finally {
      await stop();
    }
  } finally {
    await surroundings.stop();
  }
}

const root = new URL('..', import.meta.url);
