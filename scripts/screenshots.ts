import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInDirectus } from '../demo/directus/call.ts';
import { startDirectus } from '../demo/directus/start.ts';
import { createReport } from '../demo/report.ts';
import { openDataStudio } from '../test/world/data-studio.ts';
import { launchChromium } from '../test/world/launch-chromium.ts';
import { runCommand } from '../test/world/run-command.ts';

/** Takes the pictures of docs/set-up-in-directus.md, of a real Data Studio, by the steps that the page describes. */

const folder = join(import.meta.dirname, '../docs/images');
const viewport = { width: 1280, height: 800 };
/** Beside the two lists on the left, and without the bar on the right. */
const middle = { x: 279, y: 0, width: 668 };
/** What slides in from the right. */
const drawer = { x: 510, y: 0, width: 770 };

const report = createReport();
const directus = await startDirectus({ version: '11.17.4', report });
try {
  await takeAll();
} finally {
  await directus.stop();
}

async function takeAll(): Promise<void> {
  const environment = {
    DIRECTUS_URL: directus.url,
    STRIPE_LIVE_SECRET_KEY: 'sk_test_of_nobody',
    STRIPE_CUSTOMERS_COLLECTION: 'customers',
    STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id',
  };
  const init = await runCommand(environment, 'init', '--token', directus.adminToken, '--yes', '--service-user');
  if (init.code !== 0) throw new Error(init.err);
  await createInDirectus(directus, '/roles', { name: 'Shop' });
  await mkdir(folder, { recursive: true });
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    await walk(await openDataStudio(context, directus));
  } finally {
    await browser.close();
  }
}

async function walk(studio: Awaited<ReturnType<typeof openDataStudio>>): Promise<void> {
  const take = async (name: string, clip: { x: number; y: number; width: number; height: number }) => {
    await studio.settled();
    await studio.page.screenshot({ path: join(folder, `${name}.png`), clip, animations: 'disabled' });
    report.line(`docs/images/${name}.png`);
  };
  await studio.openUser('Directus Gateway');
  await studio.makeToken();
  await take('service-user-token', { ...middle, y: 110, height: 640 });

  await studio.createOwner('customers');
  await studio.openPolicy('Gateway: stripe');
  await studio.addCollection('customers');
  await studio.choose('customers', 'Create', 'Use Custom');
  await studio.openTab('Field Permissions');
  await studio.tickFields(['Email', 'Name']);
  await take('field-permissions', { ...drawer, height: 680 });
  await studio.finish();

  await studio.choose('customers', 'Read', 'Use Custom');
  await studio.openTab('Item Permissions');
  await studio.addItemRule('owner', '$CURRENT_USER');
  await take('item-rule', { ...drawer, height: 320 });
  await studio.finish();
  await take('policy', { ...middle, height: 610 });

  await studio.assignToRole('Shop');
  await take('assigned-to', { ...middle, y: 340, height: 420 });
  await studio.save();
}
