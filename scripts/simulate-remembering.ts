import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { scenarios } from './simulate/scenarios.ts';
import { simulate } from './simulate/simulate.ts';
import { type Row, tableOf } from './simulate/table.ts';

/**
 * `npm run simulate`: how much of what is asked of Directus the memory of its answers saves, from a thousand users to a
 * million. Prints the tables of docs/scaling.md; with `--write`, puts them there, for Biome to align. Takes half a minute.
 */
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const page = new URL('../docs/scaling.md', import.meta.url);

function writeTable(name: string, lines: readonly string[]): void {
  const text = readFileSync(page, 'utf8');
  const [begin, end] = [`<!-- simulated: ${name} -->\n`, `<!-- end: ${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/scaling.md has no place for the table ${name}.`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n${lines.join('\n')}\n\n${text.slice(to)}`);
}

for (const [name, ofTable] of Object.entries(scenarios)) {
  const rows: Row[] = [];
  for (const scenario of ofTable) rows.push({ scenario, simulated: await simulate(scenario) });
  const lines = tableOf(rows);
  process.stdout.write(`${name}\n${lines.join('\n')}\n\n`);
  if (values.write) writeTable(name, lines);
}
