import { beforeAll } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from './launch-chromium.ts';
import { installationMs } from './live-world.ts';
import { useStops } from './use-stops.ts';

/** As somebody who has never been here: no cookie, nothing stored. */
export type NewVisitor = (options?: BrowserContextOptions) => Promise<BrowserContext>;

/** A real Chromium for the tests of one `describe`. Each visitor has a profile of their own within it. */
export function useBrowser(): NewVisitor {
  const stopLater = useStops();
  let browser: Browser | undefined;
  beforeAll(async () => {
    const launched = await launchChromium(); // unpacked where it is not there yet, which takes longer than a test may
    stopLater({ stop: () => launched.close() });
    browser = launched;
  }, installationMs);
  return async (options) => {
    if (browser === undefined) throw new Error('The browser has not started yet.');
    return await browser.newContext(options);
  };
}
