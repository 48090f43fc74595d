import type { Browser } from 'playwright-core';
import { freePort } from '../demo/free-port.ts';
import { startGateway } from '../demo/gateway.ts';
import { createReport } from '../demo/report.ts';
import { startWorld } from '../demo/world.ts';
import { launchChromium } from '../test/world/launch-chromium.ts';
import { takeApiPage } from './screenshots/api-page.ts';
import { createCamera } from './screenshots/camera.ts';
import { takeDataStudio } from './screenshots/data-studio.ts';
import { takeSpa } from './screenshots/spa.ts';

/** Takes the pictures of docs and of examples/spa, in a real Chromium before a real Directus. */

const report = createReport();
const version = '11.17.4';
const browser = await launchChromium();
try {
  await takeDataStudio(createCamera(browser, report), { version, report });
  await takePages(browser);
} finally {
  await browser.close();
}

/** What there is to see in the world of the demo, with stand-ins for Stripe and Twilio. */
async function takePages(browser: Browser): Promise<void> {
  const camera = createCamera(browser, report);
  const world = await startWorld({ version, report });
  try {
    // The one of the docs, where it is free: it is to be seen.
    const gatewayPort = await freePort(8056, 'PORT').catch(() => freePort(undefined, 'PORT'));
    const standIns = { stripe: undefined, twilio: undefined };
    const gateway = await startGateway(world, { gatewayPort, logLevel: 'warn', ...standIns });
    try {
      await takeApiPage(camera, world, gateway.url);
      await takeSpa(camera, world, gateway.url);
    } finally {
      await gateway.stop();
    }
  } finally {
    await world.stop();
  }
}
