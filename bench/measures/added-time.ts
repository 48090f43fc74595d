import { gateway } from '../candidates/gateway.ts';
import { straight } from '../candidates/straight.ts';
import type { Findings, Measured } from '../figures.ts';
import { found } from './measure.ts';

/** What the gateway adds to the answer of the upstream, where both were measured on one connection in the same run. */
export function addedTime(results: readonly Measured[]): Findings[] {
  const aloneOf = (wanted: string) => results.find(({ name }) => name === wanted)?.alone;
  const [through, without] = [aloneOf(gateway.name), aloneOf(straight.name)];
  if (through === undefined || without === undefined) return [];
  return [
    {
      name: 'added-time',
      does: 'on one connection, the median of `gateway` less that of `straight`, in the table above',
      findings: [
        found('p50 ms', [through.p50Ms.median - without.p50Ms.median], { atMost: 0.2 }),
        found('p99 ms', [through.p99Ms.median - without.p99Ms.median], { atMost: 1 }),
      ],
    },
  ];
}
