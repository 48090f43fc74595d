import { readFile, writeFile } from 'node:fs/promises';
import { chart } from './chart.ts';
import { type Figures, figures } from './figures.ts';
import { withFigures } from './page.ts';

export const latest = new URL('results/latest.json', import.meta.url);
export const page = new URL('../docs/performance.md', import.meta.url);
export const picture = new URL('../docs/performance.svg', import.meta.url);

export const readLatest = async (): Promise<Figures> => figures.parse(JSON.parse(await readFile(latest, 'utf8')));

export const asJson = (found: Figures): string => `${JSON.stringify(found, undefined, 2)}\n`;

/** Writes the chart and the table of docs/performance.md anew. */
export async function publish(found: Figures): Promise<void> {
  await writeFile(latest, asJson(found));
  await writeFile(picture, chart(found));
  await writeFile(page, withFigures(await readFile(page, 'utf8'), found));
}
