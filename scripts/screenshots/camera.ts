import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Report } from '../../demo/report.ts';

/** In pixels of the page, from its top left. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Camera = {
  /** A visitor who has never been here, at a screen with two dots for each pixel, unless it is told otherwise. */
  newVisitor(options: BrowserContextOptions): Promise<BrowserContext>;
  /** @param file from the folder of the project, such as `docs/images/policy.png` */
  take(page: Page, file: string, clip: Box): Promise<void>;
};

export const createCamera = (browser: Browser, report: Report): Camera => ({
  newVisitor: (options) =>
    browser.newContext({ deviceScaleFactor: 2, reducedMotion: 'reduce', locale: 'en-US', ...options }),
  take: async (page, file, clip) => {
    const path = join(import.meta.dirname, '..', '..', file);
    await page.screenshot({ path, clip, fullPage: true, animations: 'disabled', caret: 'hide' });
    report.line(`${file}, ${Math.ceil((await stat(path)).size / 1000)} kB`);
  },
});

/** Where an element is, with a margin around it. Scrolls the page to its top. @throws where it is not to be seen */
export async function boxOf(element: Locator, margin = 0): Promise<Box> {
  await element.page().evaluate('scrollTo(0, 0)');
  const box = await element.boundingBox();
  if (box === null) throw new Error(`${element} is not to be seen.`);
  return { x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin, height: box.height + 2 * margin };
}
