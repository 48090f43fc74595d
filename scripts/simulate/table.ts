import type { Scenario, Simulated } from './simulate.ts';

export type Row = { readonly scenario: Scenario; readonly simulated: Simulated };

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ['users a day', ({ scenario }) => whole.format(scenario.users)],
  [
    'processes',
    ({ scenario: { processes, spread } }) => `${processes}${processes === 1 ? '' : `, each user at ${spread}`}`,
  ],
  ['remembered for', ({ scenario }) => duration(scenario.ttlMs)],
  ['token good for', ({ scenario }) => duration(scenario.tokenLifetimeMs)],
  [
    'changes an hour',
    ({ scenario: { changesPerHour, changesAreOf } }) =>
      `${whole.format(changesPerHour)}${changesPerHour === 0 ? '' : ` of ${changesAreOf}`}`,
  ],
  ['requests/s', ({ simulated }) => short.format(simulated.requestsPerSecond)],
  ['from memory', ({ simulated }) => percent.format(simulated.hitRate)],
  ['checks/s', ({ simulated }) => short.format(simulated.asksPerSecond)],
  ['in the busiest second', ({ simulated }) => whole.format(simulated.asksInBusiestSecond)],
  ['answers in use per process', ({ simulated }) => whole.format(simulated.answersPerProcess)],
  ['checks of what was pushed out', ({ simulated }) => percent.format(simulated.pushedOut)],
];

/** Lines of Markdown. */
export const tableOf = (rows: readonly Row[]): string[] => [
  lineOf(columns.map(([title]) => title)),
  lineOf(columns.map(() => '---:')),
  ...rows.map(tableRow),
];

export const tableRow = (row: Row): string => lineOf(columns.map(([, cell]) => cell(row)));

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function duration(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'ever';
  if (ms >= 86_400_000) return `${ms / 86_400_000} d`;
  return ms >= 60_000 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}
