import type { Page } from 'playwright-core';
import { createInDirectus } from '../../demo/directus/call.ts';
import { createRole, type Rule } from '../../demo/directus/create-role.ts';
import type { World } from '../../demo/world.ts';
import { cellOf, openPage } from '../../test/page/visit.ts';
import { type Box, boxOf, type Camera } from './camera.ts';

const login = { email: 'support@example.com', password: 'only in a picture' };

/** Of each kind one: all, some fields, some rows, nothing. */
const rules: readonly Rule[] = [
  { collection: 'customers', action: 'read' },
  { collection: 'customers', action: 'create', fields: ['email', 'name'] },
  {
    collection: 'customers',
    action: 'update',
    fields: ['email'],
    permissions: { owner: { _eq: '$CURRENT_USER' } },
  },
  { collection: 'messages', action: 'read' },
  { collection: 'messages', action: 'create', fields: ['To', 'Body'] },
];

const viewport = { width: 1100, height: 800 };

/** The pictures of docs/api-page.md. */
export async function takeApiPage(camera: Camera, { directus }: World, gatewayUrl: string): Promise<void> {
  const role = await createRole(directus, 'support', rules);
  await createInDirectus(directus, '/users', { ...login, role });
  const { page, context, signIn } = await openPage(await camera.newVisitor({ viewport }), gatewayUrl);
  const take = (name: string, clip: Box) => camera.take(page, `docs/images/${name}.png`, clip);

  await page.getByLabel('E-mail').fill(login.email);
  await page.getByLabel('Password', { exact: true }).fill(login.password);
  await take('api-page-sign-in', await boxOf(page.locator('#sign-in'), 24));

  await signIn(login);
  await page.getByText(`Signed in as ${login.email}`).waitFor();
  await take('api-page', { x: 0, y: 0, width: viewport.width, height: await endOfRow(page) });

  await cellOf(page, 'delete', '/stripe/v1/customers/{customer_id}').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Refused').waitFor();
  await take('api-page-why', await boxOf(dialog));
  await page.keyboard.press('Escape');

  await page.setViewportSize({ ...viewport, width: 900 }); // its letters are small
  await tryCall(page);
  const form = await boxOf(page.locator('.opblock-post'), 12);
  const answer = await boxOf(page.locator('.live-responses-table .highlight-code').first(), 8);
  await take('api-page-try', { ...form, height: answer.y + answer.height - form.y });
  await context.close();
}

/** Where the last row ends that is whole on the screen. */
async function endOfRow(page: Page): Promise<number> {
  const rows = await page.locator('#groups tbody tr').all();
  const ends = await Promise.all(rows.map(async (row) => (await boxOf(row)).y + (await boxOf(row)).height));
  return Math.max(...ends.filter((end) => end <= viewport.height));
}

async function tryCall(page: Page): Promise<void> {
  await cellOf(page, 'create', '/stripe/customers').click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  await page
    .locator('.opblock-post textarea')
    .fill('{\n  "email": "grace.hopper@example.com",\n  "name": "Grace Hopper"\n}');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.live-responses-table').getByText('grace.hopper@example.com').first().waitFor();
}
