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

/** Head and rows with every column of one width: the names to the left, the figures to the right. */
export function alignedTable(results: readonly Measured[]): { head: string[]; rows: string[][] } {
  const cells = tableRows(results);
  const widths = columns.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const align = (row: readonly string[]): string[] =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return { head: align(columns), rows: cells.map(align) };
}

export function textTable(results: readonly Measured[]): string {
  const { head, rows } = alignedTable(results);
  return [head, ...rows].map((row) => row.join('  ')).join('\n');
}

const withRange = ({ median, min, max }: Spread): string => {
  const digits = median < 10 ? 1 : 0;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
};
