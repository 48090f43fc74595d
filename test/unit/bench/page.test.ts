import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { chart } from '../../../bench/chart.ts';
import { withFigures } from '../../../bench/page.ts';
import { page, picture, readLatest } from '../../../bench/publish.ts';

describe('docs/performance.md', () => {
  test('shows the figures of the latest run, and no others', async () => {
    const shown = await readFile(page, 'utf8');
    expect(shown).toBe(withFigures(shown, await readLatest()));
  });

  test('shows a chart of the same figures', async () => {
    expect(await readFile(picture, 'utf8')).toBe(chart(await readLatest()));
  });

  test('tells of every candidate and measure of that run, measured or left out', async () => {
    const shown = await readFile(page, 'utf8');
    const { results, measures, missing } = await readLatest();
    for (const name of [...[...results, ...measures].map((each) => each.name), ...Object.keys(missing)]) {
      expect(shown).toContain(`- \`${name}\``);
    }
  });

  test('is not written where the marks of the figures are gone', async () => {
    const figures = await readLatest();
    expect(() => withFigures('# Performance\n', figures)).toThrow('lacks the marks');
  });
});
