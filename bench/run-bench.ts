import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createReport } from '../demo/report.ts';
import { findNginx } from '../test/world/nginx.ts';
import { type Candidate, NotInstalled } from './candidates/candidate.ts';
import { type Cores, findCores } from './cores.ts';
import type { Figures, Findings } from './figures.ts';
import type { RunLoad } from './load/load.ts';
import { createNodeLoad } from './load/node-load.ts';
import { createWrkLoad, findWrk } from './load/wrk.ts';
import { describeMachine } from './machine.ts';
import { measureRounds, type Plan } from './measure-rounds.ts';
import type { Measure, MeasureSite } from './measures/measure.ts';
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

/** What is to be measured. */
export type Wanted = { readonly candidates: readonly Candidate[]; readonly measures: readonly Measure[] };

export async function runBench(
  { candidates, measures }: Wanted,
  plan: Plan,
  chooseTools: (cores: Cores) => Tools | Promise<Tools>,
): Promise<Figures> {
  if (process.platform !== 'linux') throw new Error('What a process has used is read from /proc: this needs Linux.');
  const report = createReport();
  const cores = await findCores();
  const machine = describeMachine(cores);
  const { load, upstream, runLoad, startSurroundings } = await chooseTools(cores);
  await report.during('The gateway is built', () =>
    promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: root }),
  );
  const surroundings = await startSurroundings();
  const site = { cores, surroundings, report, runLoad };
  try {
    const compared = await compare(candidates, site, plan);
    const further = await measureAll(measures, site);
    return {
      date: new Date().toISOString().slice(0, 10),
      machine,
      load,
      upstream,
      plan,
      results: compared.results,
      measures: further.found,
      missing: { ...compared.missing, ...further.missing },
    };
  } finally {
    await surroundings.stop();
  }
}

async function compare(candidates: readonly Candidate[], site: MeasureSite, plan: Plan) {
  if (candidates.length === 0) return { results: [], missing: {} };
  const { entrants, missing, stop } = await startEntrants(candidates, site);
  try {
    return { results: await measureRounds(entrants, site.runLoad, plan, site.report), missing };
  } finally {
    await stop();
  }
}

/** One after the other, when the candidates have stopped. */
async function measureAll(measures: readonly Measure[], site: MeasureSite) {
  const found: Findings[] = [];
  const missing: Record<string, string> = {};
  for (const { name, does, measure } of measures) {
    try {
      const findings = await site.report.during(name, () => measure(site));
      found.push({ name, does, findings: [...findings] });
    } catch (error) {
      if (!(error instanceof NotInstalled)) throw error;
      missing[name] = error.message;
    }
  }
  return { found, missing };
}

const root = new URL('..', import.meta.url);
