import { beforeAll } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { type ContextOptions, launchChromium } from './launch-chromium.ts';
import { installationMs } from './live-world.ts';
import { useStops } from './use-stops.ts';

/** As somebody who has never been here: no cookie, nothing stored. */
export type NewVisitor = (options?: ContextOptions) => Promise<BrowserContext>;

/** A real Chromium for the tests of one `describe`. Each visitor has a profile of their own, and leaves after the tests. */
export function useBrowser(): NewVisitor {
  const stopLater = useStops();
  beforeAll(async () => {
    const found = await findChromium(); // unpacked where it is not there yet, which takes longer than a test may
    if ('missing' in found) throw new Error(found.missing);
  }, installationMs);
  return async (options) => stopLater(await launchChromium(options)).context;
}
