import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { candidates } from './candidates/all.ts';
import type { Figures } from './figures.ts';
import { guard, limitsBeside, sentenceOf } from './guard.ts';
import { measures } from './measures/all.ts';
import { allFindings } from './measures/all-findings.ts';
import { tableOfMeasures } from './measures/table-of-measures.ts';
import { asJson, publish, readLatest } from './publish.ts';
import { bestTools, nodeTools, runBench, type Wanted } from './run-bench.ts';
import { tableOf, textTable } from './table.ts';

const all: Wanted = { candidates, measures };
const names = [...candidates, ...measures].map(({ name }) => name);

const options = new Command('bench')
  .description(
    'Measures the gateway beside others, in turn, on this machine. docs/performance.md explains the figures.',
  )
  .option('--rounds <number>', 'how often each candidate is measured', aboveZero, 5)
  .option('--seconds <number>', 'of load for each candidate in each round', aboveZero, 5)
  .option('--only <names>', `some of them, with commas between: ${names.join(', ')}`, known)
  .option('--json <file>', 'writes the figures there as well')
  .option('--guard', 'only tells whether the gateway costs more beside the bare proxy than it may; exit code 1 if so')
  .option('--render', 'measures nothing: writes the page anew from the latest figures')
  .parse()
  .opts<{
    rounds: number;
    seconds: number;
    only?: Wanted;
    json?: string;
    guard?: true;
    render?: true;
  }>();

// Each process and folder of the run is tidied up when this process ends, however it does.
process.setMaxListeners(100);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (options.guard) await requireCheap();
else if (options.render) await publish(await readLatest());
else await compare();

async function compare(): Promise<void> {
  const { rounds, seconds, only, json } = options;
  const aloneSeconds = Math.max(1, Math.floor(seconds / 2));
  const plan = { rounds, seconds, warmUpSeconds: 3, aloneSeconds, connections: 64 };
  const found = await runBench(only ?? all, plan, bestTools);
  show(found);
  if (json !== undefined) await writeFile(json, asJson(found));
  if (only === undefined) await publish(found);
}

async function requireCheap(): Promise<void> {
  const { results: latest } = await readLatest();
  const verdicts = await guard(limitsBeside(latest), async (candidates, plan) => {
    const { results } = await runBench({ candidates, measures: [] }, plan, nodeTools);
    say(textTable(tableOf(results)));
    return results;
  });
  for (const verdict of verdicts) say(sentenceOf(verdict));
  if (!verdicts.every(({ passes }) => passes)) process.exitCode = 1;
}

function show(figures: Figures): void {
  const findings = allFindings(figures);
  if (figures.results.length > 0) say(textTable(tableOf(figures.results)));
  if (findings.length > 0) say(textTable(tableOfMeasures(findings)));
  for (const [name, why] of Object.entries(figures.missing)) say(`${name} is left out: ${why}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function known(text: string): Wanted {
  const wanted = text.split(',');
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no ${unknown.join(', ')}.`);
  const isWanted = ({ name }: { readonly name: string }) => wanted.includes(name);
  return { candidates: candidates.filter(isWanted), measures: measures.filter(isWanted) };
}
