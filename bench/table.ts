import { expressHpm } from './candidates/express-hpm.ts';
import type { Measured } from './figures.ts';
import { medianRatio, type Spread } from './statistics.ts';

const columns = [
  'candidate',
  'requests/s',
  'CPU µs/request',
  `× ${expressHpm.name}`,
  'p50 ms',
  'p99 ms',
  'alone p50 ms',
  'alone p99 ms',
  'peak MB',
];

/** A row for each candidate; medians, with the least and the most of the rounds behind the first two. */
function tableRows(results: readonly Measured[]): string[][] {
  const reference = results.find(({ name }) => name === expressHpm.name)?.cpuMicrosecondsByRound;
  return results.map((each) => [
    each.name,
    withRange(each.requestsPerSecond),
    withRange(each.cpuMicroseconds),
    reference === undefined ? '' : medianRatio(each.cpuMicrosecondsByRound, reference).toFixed(2),
    each.p50Ms.median.toFixed(2),
    each.p99Ms.median.toFixed(2),
    each.alone?.p50Ms.median.toFixed(2) ?? '',
    each.alone?.p99Ms.median.toFixed(2) ?? '',
    each.peakMb.toFixed(0),
  ]);
}

export type Table = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly names: number;
};

export const tableOf = (results: readonly Measured[]): Table => aligned(columns, tableRows(results), 1);

/** Every column of one width: that many of names, to the left, then figures, to the right. */
export function aligned(head: readonly string[], rows: readonly (readonly string[])[], names: number): Table {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const align = (row: readonly string[]): string[] =>
    row.map((cell, column) => (column < names ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return { head: align(head), rows: rows.map(align), names };
}

export const textTable = ({ head, rows }: Table): string =>
  [head, ...rows].map((row) => row.join('  ').trimEnd()).join('\n');

const withRange = ({ median, min, max }: Spread): string => {
  const digits = median < 10 ? 1 : 0;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
};
