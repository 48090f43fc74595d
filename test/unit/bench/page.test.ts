import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { chart } from '../../../bench/chart.ts';
import { allFindings } from '../../../bench/measures/all-findings.ts';
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
    const latest = await readLatest();
    const { results, missing } = latest;
    for (const name of [...[...results, ...allFindings(latest)].map((each) => each.name), ...Object.keys(missing)]) {
      expect(shown).toContain(`- \`${name}\``);
    }
  });

  test('keeps what is written by hand before the figures and after them', async () => {
    const shown = 'Before.\n<!-- figures: written by npm run bench -->\nold\n<!-- end of figures -->\n\nAfter.\n';
    const written = withFigures(shown, await readLatest());
    expect(written).toMatch(/^Before\.\n<!-- .* -->\n\nAfter\.\n$/s);
    expect(written).not.toContain('old\n');
  });

  test('is not written where the marks of the figures are gone', async () => {
    const figures = await readLatest();
    expect(() => withFigures('# Performance\n', figures)).toThrow('lacks the marks');
  });
});
