import { setTimeout as sleep } from 'node:timers/promises';
import { collection } from '../answers.ts';
import { type Running, startRecipe } from '../candidates/candidate.ts';
import { declared } from '../candidates/gateway-recipe.ts';
import type { Finding } from '../figures.ts';
import { holdStreams } from '../load/hold-streams.ts';
import type { Load } from '../load/load.ts';
import { allowOpenFiles, type OpenFiles } from '../open-files.ts';
import { cpuSeconds, memoryOf } from '../process-tree.ts';
import { ratiosOf } from '../statistics.ts';
import { found, type Measure, type MeasureSite } from './measure.ts';
import { startServer } from './start-server.ts';
import { whileRunning } from './while-running.ts';

const wanted = 10_000;
/** Two for each stream, that of the caller and that of the API, and some for all the rest. */
const filesFor = (streams: number): number => 2 * streams + 500;
const rounds = 3;
const dose = { connections: 64, seconds: 2 };
const settleMs = 4_000;

export const streams: Measure = {
  name: 'streams',
  does: `event streams that are silent after their first event, 10,000 where the system allows, and what other requests notice of them: two gateways with and without, in turn (${rounds} rounds)`,
  measure: (site) =>
    whileRunning(async (start) => {
      const files = await allowOpenFiles(filesFor(wanted));
      const { origin: upstream } = await start(
        startServer(site, { file: 'silent-streams.ts', ...(files.by && { by: files.by }) }),
      );
      const startGateway = () => startRecipe('gateway', site, ({ port }) => raised(site, port, upstream, files));
      const busy = await start(startGateway());
      const quiet = await start(startGateway());
      const count = Math.min(wanted, Math.floor((files.most - filesFor(0)) / 2));

      await sleep(settleMs);
      const before = (await memoryOf(busy.pid)).nowMb;
      const [base] = busy.target.url.split('/v1/');
      const order = { url: `${base}/v1/events`, headers: busy.target.headers, streams: count };
      await start(holdStreams(site.cores, files, order));
      await sleep(settleMs);
      const kilobytes = (((await memoryOf(busy.pid)).nowMb - before) * 1024) / count;
      return [found(`KB per stream, of ${count}`, [kilobytes], { atMost: 40 }), ...(await compare(site, busy, quiet))];
    }),
};

function raised(site: MeasureSite, port: number, upstream: string, { by }: OpenFiles) {
  const recipe = declared(port, site, {
    upstream,
    rules: [`{ methods: [GET], path: /v1/events, collection: ${collection}, stream: true }`],
    limits: `{ open: ${2 * wanted}, openPerCaller: ${2 * wanted}, silence: 1h }`,
  });
  if (by === undefined) return recipe;
  const [program, ...args] = by;
  return { ...recipe, program, args: [...args, recipe.program, ...recipe.args] };
}

type Sample = Load & { readonly cpuMicroseconds: number };

async function compare({ runLoad }: MeasureSite, busy: Running, quiet: Running): Promise<Finding[]> {
  const sample = async ({ pid, target }: Running): Promise<Sample> => {
    const before = await cpuSeconds(pid);
    const load = await runLoad(target, dose);
    return { ...load, cpuMicroseconds: (((await cpuSeconds(pid)) - before) * 1e6) / load.requests };
  };
  for (const each of [busy, quiet]) await sample(each);
  const [withStreams, without]: [Sample[], Sample[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    withStreams.push(await sample(busy));
    without.push(await sample(quiet));
  }
  const cost = ({ cpuMicroseconds }: Sample) => cpuMicroseconds;
  const of = (samples: readonly Sample[], which: string) => [
    found(`other requests ${which}, CPU µs`, samples.map(cost)),
    found(
      `other requests ${which}, p50 ms`,
      samples.map(({ p50Ms }) => p50Ms),
    ),
    found(
      `other requests ${which}, p99 ms`,
      samples.map(({ p99Ms }) => p99Ms),
    ),
  ];
  return [
    ...of(withStreams, 'beside them'),
    ...of(without, 'without them'),
    found('CPU × without them', ratiosOf(withStreams.map(cost), without.map(cost)), { atMost: 1.1 }),
  ];
}
