import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll } from '@jest/globals';
import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { installationMs } from './live-world.ts';
import { useStops } from './use-stops.ts';

type ContextOptions = Parameters<typeof chromium.launchPersistentContext>[1];

/** As somebody who has never been here: no cookie, nothing stored. */
export type NewVisitor = (options?: ContextOptions) => Promise<BrowserContext>;

/** A real Chromium for the tests of one `describe`. Each visitor has a profile of their own, and leaves after the tests. */
export function useBrowser(): NewVisitor {
  const stopLater = useStops();
  let launch: NewVisitor | undefined;
  beforeAll(async () => {
    const found = await findChromium();
    if ('missing' in found) throw new Error(found.missing);
    launch = async (options) => {
      const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
      stopLater({ stop: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) });
      const { program: executablePath, env } = found;
      const context = await chromium.launchPersistentContext(folder, { executablePath, env, args, ...options });
      stopLater({ stop: () => context.close() });
      return context;
    };
  }, installationMs);
  return async (options) => {
    if (launch === undefined) throw new Error('The browser has not been found yet.');
    return await launch(options);
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
