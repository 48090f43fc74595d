import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

export type ContextOptions = Parameters<typeof chromium.launchPersistentContext>[1];

export type Visit = { readonly context: BrowserContext; stop(): Promise<void> };

/** A real Chromium with a profile of its own: no cookie, nothing stored. `stop` takes the profile away again. */
export async function launchChromium(options?: ContextOptions): Promise<Visit> {
  const found = await findChromium();
  if ('missing' in found) throw new Error(found.missing);
  const { program: executablePath, env } = found;
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(folder, { executablePath, env, args, ...options });
    return { context, stop: () => context.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
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
