import type { Finding, Findings } from '../figures.ts';
import type { Spread } from '../statistics.ts';
import { aligned, type Table } from '../table.ts';

const columns = ['measure', 'figure', 'measured', 'target', 'met'];

/** A row for each figure: its median, with the least and the most where it was measured more than once. */
export const tableOfMeasures = (measures: readonly Findings[]): Table =>
  aligned(
    columns,
    measures.flatMap(({ name, findings }) => findings.map((finding) => [name, ...cells(finding)])),
    2,
  );

const cells = (finding: Finding): string[] => [
  finding.of,
  withRange(finding.value),
  wordsOf(finding.target),
  isMet(finding),
];

function wordsOf(target: Finding['target']): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}

/** Not a number meets no target. */
export function isMet({ value: { median }, target }: Pick<Finding, 'value' | 'target'>): '' | 'yes' | 'no' {
  if (target === undefined) return '';
  const isWithin = 'atLeast' in target ? median >= target.atLeast : median <= target.atMost;
  return isWithin ? 'yes' : 'no';
}

function withRange({ median, min, max }: Spread): string {
  const digits = digitsOf(median);
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(digits));
  return least === most ? `${middle}` : `${middle} (${least}–${most})`;
}

function digitsOf(value: number): number {
  if (Math.abs(value) >= 100) return 0;
  return Math.abs(value) >= 10 ? 1 : 2;
}
