import { join } from 'node:path';
import { collection, customerPath } from '../answers.ts';
import { type Running, startRecipe } from '../candidates/candidate.ts';
import { declared } from '../candidates/gateway-recipe.ts';
import type { Finding } from '../figures.ts';
import { runTransfer, type Transfer } from '../load/run-transfer.ts';
import { cpuSeconds, forgetPeak, memoryOf } from '../process-tree.ts';
import { ratiosOf } from '../statistics.ts';
import { found, type Measure, type MeasureSite } from './measure.ts';
import { startServer } from './start-server.ts';
import { whileRunning } from './while-running.ts';

const rounds = 3;
const bytes = 1024 ** 3;
const barePipe = join(import.meta.dirname, '../servers/bare-pipe.ts');

export const transfers: Measure = {
  name: 'transfers',
  does: `1 GiB each way through the gateway and, in turn, through a bare pipe of node:http (${rounds} rounds)`,
  measure: (site) =>
    whileRunning(async (start) => {
      const { origin: upstream } = await start(startServer(site, { file: 'files.ts' }));
      const gateway = await start(
        startRecipe('gateway', site, ({ port }) =>
          declared(port, site, {
            upstream,
            rules: [`{ methods: [GET, POST], path: /v1/files/:id, collection: ${collection}, action: read }`],
            limits: '{ requestBody: 2gb, total: 10m }',
          }),
        ),
      );
      const bare = await start(
        startRecipe('bare-pipe', site, ({ port }) => ({
          program: process.execPath,
          args: [barePipe, String(port), upstream],
          path: customerPath,
        })),
      );
      return await compare(site, gateway, bare);
    }),
};

type Took = { readonly megabytesPerSecond: number; readonly cpuSeconds: number };
type Direction = Transfer['direction'];

async function compare(site: MeasureSite, gateway: Running, bare: Running): Promise<Finding[]> {
  const { nowMb } = await memoryOf(gateway.pid);
  await forgetPeak(gateway.pid);
  const findings: Finding[] = [];
  for (const direction of ['down', 'up'] as const) {
    const [through, beside]: [Took[], Took[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      const pair = [
        [through, gateway],
        [beside, bare],
      ] as const;
      for (const [taken, running] of round % 2 === 0 ? pair : pair.toReversed())
        taken.push(await transfer(site, running, direction));
    }
    findings.push(...summarize(direction, through, beside));
  }
  const { peakMb } = await memoryOf(gateway.pid);
  return [...findings, found('memory over idle, MB', [peakMb - nowMb], { atMost: 100 })];
}

async function transfer({ cores }: MeasureSite, { target, pid }: Running, direction: Direction): Promise<Took> {
  const [base] = target.url.split('/v1/');
  const before = await cpuSeconds(pid);
  const { seconds } = await runTransfer(cores, {
    url: `${base}/v1/files/${bytes}`,
    headers: target.headers,
    bytes,
    direction,
  });
  return { megabytesPerSecond: bytes / 1e6 / seconds, cpuSeconds: (await cpuSeconds(pid)) - before };
}

function summarize(direction: Direction, through: readonly Took[], beside: readonly Took[]): Finding[] {
  const ratios = (of: (took: Took) => number) => ratiosOf(through.map(of), beside.map(of));
  const speed = (took: Took) => took.megabytesPerSecond;
  const cost = (took: Took) => took.cpuSeconds;
  return [
    found(`${direction}, MB/s`, through.map(speed)),
    found(`${direction}, speed × bare pipe`, ratios(speed), { atLeast: 0.9 }),
    found(`${direction}, CPU s/GiB`, through.map(cost)),
    found(`${direction}, CPU × bare pipe`, ratios(cost)),
  ];
}
