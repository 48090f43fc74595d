import { NotInstalled, type Running, startRecipe } from '../candidates/candidate.ts';
import { declared } from '../candidates/gateway-recipe.ts';
import { cpuSeconds } from '../process-tree.ts';
import { ratiosOf } from '../statistics.ts';
import { found, type Measure, type MeasureSite } from './measure.ts';
import { whileRunning } from './while-running.ts';

const rounds = 3;
const dose = { connections: 64, seconds: 4 };

/**
 * Requests per second say little where the load needs one of two cores itself: with both cores to itself, a gateway does
 * twice what it does in one second of processor time.
 */
export const workers: Measure = {
  name: 'workers',
  does: `WORKERS=1 and WORKERS=2 on two cores, in turn (${rounds} rounds); load and upstream take of one of them what they need, so that “× of 1 worker” is what two busy cores would do: 2 × requests per second of processor time, all processes of the gateway together`,
  measure: (site) =>
    whileRunning(async (start) => {
      if ('notPinned' in site.cores) throw new NotInstalled(site.cores.notPinned);
      const onBoth = { ...site, cores: { notPinned: 'its workers have two cores' } };
      const startWith = (count: number) =>
        start(
          startRecipe('gateway', onBoth, ({ port }) =>
            declared(port, site, { upstream: site.surroundings.upstream, env: { WORKERS: String(count) } }),
          ),
        );
      const [one, two] = [await startWith(1), await startWith(2)];
      for (const each of [one, two]) await sample(site, each);
      const [ofOne, ofTwo]: [Sample[], Sample[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        ofOne.push(await sample(site, one));
        ofTwo.push(await sample(site, two));
      }
      const perCpuSecond = (samples: readonly Sample[]) => samples.map((each) => each.requestsPerCpuSecond);
      const perSecond = (samples: readonly Sample[]) => samples.map((each) => each.requestsPerSecond);
      return [
        found('1 worker, requests/CPU s', perCpuSecond(ofOne)),
        found('2 workers, requests/CPU s', perCpuSecond(ofTwo)),
        found(
          '2 workers, × of 1 worker',
          ratiosOf(perCpuSecond(ofTwo), perCpuSecond(ofOne)).map((ratio) => 2 * ratio),
          { atLeast: 1.7 },
        ),
        found('1 worker, requests/s', perSecond(ofOne)),
        found('2 workers, requests/s', perSecond(ofTwo)),
      ];
    }),
};

type Sample = { readonly requestsPerCpuSecond: number; readonly requestsPerSecond: number };

async function sample({ runLoad }: MeasureSite, { pid, target }: Running): Promise<Sample> {
  const before = await cpuSeconds(pid);
  const { requests, seconds } = await runLoad(target, dose);
  const used = (await cpuSeconds(pid)) - before;
  return { requestsPerCpuSecond: requests / used, requestsPerSecond: requests / seconds };
}
