import type { Figures } from './figures.ts';
import { allFindings } from './measures/all-findings.ts';
import { tableOfMeasures } from './measures/table-of-measures.ts';
import { type Table, tableOf } from './table.ts';

const begin = '<!-- figures: written by npm run bench -->';
const end = '<!-- end of figures -->';

/** The page with the figures between its two marks. */
export function withFigures(page: string, figures: Figures): string {
  const [before, rest] = [page.slice(0, page.indexOf(begin)), page.slice(page.indexOf(end))];
  if (!page.includes(begin) || !page.includes(end)) throw new Error('The page lacks the marks of its figures.');
  return `${before}${begin}\n\n${section(figures)}\n\n${rest}`;
}

function section(figures: Figures): string {
  const { date, machine, load, upstream, plan, results, missing } = figures;
  const findings = allFindings(figures);
  const { processor, cores, memoryGb, system, node, pinning, loadBefore } = machine;
  const left = Object.entries(missing).map(([name, why]) => `- \`${name}\` is left out: ${why}`);
  return [
    `${date}, ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}. Load average before the run: ${loadBefore}.`,
    `Load: ${load}, ${plan.connections} connections, ${plan.rounds} rounds of ${plan.seconds} s each. Upstream: ${upstream}. Cores: ${pinning}.`,
    '',
    ...markdown(tableOf(results)),
    '',
    ...results.map(({ name, does }) => `- \`${name}\`: ${does}`),
    '',
    '### Measures',
    '',
    ...markdown(tableOfMeasures(findings)),
    '',
    ...findings.map(({ name, does }) => `- \`${name}\`: ${does}`),
    ...left,
  ].join('\n');
}

const markdown = ({ head, rows, names }: Table): string[] => [
  markdownRow(head),
  markdownRow(head.map(({ length }, column) => (column < names ? '-'.repeat(length) : `${'-'.repeat(length - 1)}:`))),
  ...rows.map(markdownRow),
];

const markdownRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
