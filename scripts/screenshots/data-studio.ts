import { createInDirectus } from '../../demo/directus/call.ts';
import { startDirectus } from '../../demo/directus/start.ts';
import { type DataStudio, openDataStudio } from '../../test/world/data-studio.ts';
import { runCommand } from '../../test/world/run-command.ts';
import type { Box, Camera } from './camera.ts';

const viewport = { width: 1280, height: 800 };
/** Beside the two lists on the left, and without the bar on the right. */
const middle = { x: 279, y: 0, width: 668 };
/** What slides in from the right. */
const drawer = { x: 510, y: 0, width: 770 };

/** The pictures of docs/set-up-in-directus.md, of a real Data Studio, by the steps that the page describes. */
export async function takeDataStudio(camera: Camera, options: Parameters<typeof startDirectus>[0]): Promise<void> {
  const directus = await startDirectus(options);
  try {
    const environment = {
      DIRECTUS_URL: directus.url,
      STRIPE_LIVE_SECRET_KEY: 'sk_test_of_nobody',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id',
    };
    const init = await runCommand(environment, 'init', '--token', directus.adminToken, '--yes', '--service-user');
    if (init.code !== 0) throw new Error(init.err);
    await createInDirectus(directus, '/roles', { name: 'Shop' });
    const context = await camera.newVisitor({ viewport });
    await walk(await openDataStudio(context, directus), camera);
    await context.close();
  } finally {
    await directus.stop();
  }
}

async function walk(studio: DataStudio, camera: Camera): Promise<void> {
  const take = async (name: string, clip: Box) => {
    await studio.settled();
    await camera.take(studio.page, `docs/images/${name}.png`, clip);
  };
  await studio.openUser('Directus Gateway');
  await studio.makeToken();
  await take('service-user-token', { ...middle, y: 110, height: 606 });

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
