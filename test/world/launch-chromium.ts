import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

/** A real Chromium, with a profile that goes when it is closed. @throws where there is none */
export async function launchChromium(): Promise<Browser> {
  const found = await findChromium();
  if ('missing' in found) throw new Error(found.missing);
  const { program: executablePath, env } = found;
  return await chromium.launch({ executablePath, env, args });
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
