import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { candidates } from './candidates/all.ts';
import { bestTools, runBench } from './run-bench.ts';
import { textTable } from './table.ts';

const number = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`"${text}" is not a number above 0.`);
  return value;
};
const names = candidates.map(({ name }) => name);

const options = new Command('bench')
  .description('Measures the gateway beside others, in turn, on this machine.')
  .option('--rounds <number>', 'how often each is measured', number, 5)
  .option('--seconds <number>', 'of load for each in each round', number, 5)
  .option('--only <names>', `some of them, with commas between: ${names.join(', ')}`)
  .option('--json <file>', 'where the figures are written')
  .parse()
  .opts<{ rounds: number; seconds: number; only?: string; json?: string }>();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const only = options.only?.split(',') ?? names;
const unknown = only.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`Not known: ${unknown.join(', ')}. There are ${names.join(', ')}.`);
const { rounds, seconds } = options;
const plan = { rounds, seconds, warmUpSeconds: 3, aloneSeconds: Math.max(1, Math.floor(seconds / 2)) };

const bench = await runBench(
  candidates.filter(({ name }) => only.includes(name)),
  plan,
  bestTools,
);
process.stdout.write(`${textTable(bench.results)}\n`);
for (const [name, why] of Object.entries(bench.missing)) process.stdout.write(`${name} is left out: ${why}\n`);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(bench, undefined, 2)}\n`);
