import { beforeAll } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { installationMs } from './live-world.ts';
import { useStops } from './use-stops.ts';

/** As somebody who has never been here: no cookie, nothing stored. */
export type NewVisitor = (options?: BrowserContextOptions) => Promise<BrowserContext>;

/** A real Chromium for the tests of one `describe`, with a new profile. Each visitor has one of their own within it. */
export function useBrowser(): NewVisitor {
  const stopLater = useStops();
  let browser: Browser | undefined;
  beforeAll(async () => {
    const found = await findChromium();
    if ('missing' in found) throw new Error(found.missing);
    const { program: executablePath, env } = found;
    const launched = await chromium.launch({ executablePath, env, args });
    stopLater({ stop: () => launched.close() });
    browser = launched;
  }, installationMs);
  return async (options) => {
    if (browser === undefined) throw new Error('The browser has not started yet.');
    return await browser.newContext(options);
  };
}

/** Quiet: nothing that a browser does by itself may reach the network, or look like something that a page does. */
const args = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
