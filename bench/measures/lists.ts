import { collection, withStaticToken } from '../answers.ts';
import { type Running, startRecipe } from '../candidates/candidate.ts';
import { complete } from '../candidates/gateway-recipe.ts';
import type { Finding } from '../figures.ts';
import { runTransfer } from '../load/run-transfer.ts';
import { pageSize, payments } from '../payments.ts';
import { forgetPeak, memoryOf } from '../process-tree.ts';
import { found, type Measure, type MeasureSite } from './measure.ts';
import { startServer } from './start-server.ts';
import { whileRunning } from './while-running.ts';

const rounds = 3;

/** Fewer pages where each takes long, so that a run stays short. */
const cases = [
  { latencyMs: 0, pages: 200 },
  { latencyMs: 20, pages: 200 },
  { latencyMs: 150, pages: 20 },
];

export const lists: Measure = {
  name: 'lists',
  does: `GET /stripe/payments of 20,000 payments of a kilobyte each (2,000 at 150 ms), pages of ${pageSize}, from a stand-in that takes so long over each; “× pages alone” is the time over pages × latency (${rounds} rounds)`,
  measure: (site) =>
    whileRunning(async (start) => {
      const { origin: stripe } = await start(startServer(site, { file: 'stripe.ts' }));
      await fetch(`${stripe}/stand-in?pages=1&latencyMs=0`); // while it is looked whether the gateway is there
      const gateway = await start(
        startRecipe('gateway', site, ({ port }) => ({
          ...complete(port, site, {
            STRIPE_LIVE_SECRET_KEY: 'sk_test_bench',
            STRIPE_CUSTOMERS_COLLECTION: collection,
            STRIPE_API_URL: stripe,
          }),
          path: '/stripe/payments',
          headers: withStaticToken,
        })),
      );
      const { nowMb } = await memoryOf(gateway.pid);
      await forgetPeak(gateway.pid);
      const findings: Finding[] = [];
      for (const each of cases) findings.push(...(await measureCase(site, { stripe, gateway, ...each })));
      const { peakMb } = await memoryOf(gateway.pid);
      return [...findings, found('memory over idle, MB', [peakMb - nowMb])];
    }),
};

type Case = {
  readonly stripe: string;
  readonly gateway: Running;
  readonly latencyMs: number;
  readonly pages: number;
};

async function measureCase({ cores }: MeasureSite, { stripe, gateway, latencyMs, pages }: Case): Promise<Finding[]> {
  await fetch(`${stripe}/stand-in?pages=${pages}&latencyMs=${latencyMs}`);
  const bytes = JSON.stringify(payments(0, pages * pageSize)).length;
  const { url, headers } = gateway.target;
  const [firstByteMs, totalMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const took = await runTransfer(cores, { url, headers, bytes, direction: 'down' });
    firstByteMs.push(took.firstByteMs);
    totalMs.push(took.seconds * 1_000);
  }
  const at = `at ${latencyMs} ms a page`;
  const bound = pages * latencyMs;
  return [
    found(`${at}, first byte ms`, firstByteMs),
    found(`${at}, ${pages} pages ms`, totalMs),
    ...(bound > 0
      ? [
          found(
            `${at}, × pages alone`,
            totalMs.map((ms) => ms / bound),
          ),
        ]
      : []),
  ];
}
