import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { corsFor127, tokenIn, useApiPage } from './use-api-page.ts';
import { cellOf, said } from './visit.ts';

const rows = { STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' };
const stopLater = useStops();
const { live, visitAs, visitAt } = useApiPage('11.17.4', rows, corsFor127);

it('somebody who may do nothing is told so, and whom to ask', async () => {
  const { page } = await visitAs(live().personas.nobody);

  await page.getByText('You may do nothing here yet').waitFor();
  await page.getByRole('button', { name: 'Why may I, or not?' }).click();
  await page.getByLabel('Path at the gateway').fill('/stripe/customers');
  await page.getByRole('button', { name: 'Explain' }).click();
  const answer = page.locator('#answer');
  await answer.getByText('Refused').waitFor();
  expect(await answer.textContent()).toContain('In Directus, give one of the user\'s policies "read" on "customers".');
});

it('somebody asks why a cell is refused, and is told what to change', async () => {
  const { page } = await visitAs(live().personas.reader);
  await cellOf(page, 'create', '/stripe/customers').click();
  const dialog = page.getByRole('dialog', { name: 'Why may I, or not?' });
  await dialog.getByText('Refused').waitFor();
  const text = await dialog.textContent();

  expect(text).toContain('In Directus, give one of the user\'s policies "create" on "customers".');
  expect(text).toMatch(/Needs\s*create on the collection customers/);
  expect(text).toMatch(/Directus grants\s*nothing of it/);
  expect(await dialog.getByRole('button', { name: 'Try this call' }).count()).toBe(0);
});

it('somebody sees where an API has no such call, apart from what they lack a permission for', async () => {
  const { page } = await visitAs(live().personas.reader);

  expect(await rowOf(page, '/stripe/v1/customers/{customer_id}')).toEqual([
    'allowed',
    'refused',
    'no such call',
    'refused',
  ]);
  expect(await rowOf(page, '/stripe/v1/customers/search')).toEqual([
    'allowed',
    'no such call',
    'no such call',
    'no such call',
  ]);
  expect(await cellOf(page, 'update', '/stripe/v1/customers/search').count()).toBe(0);
});

it('somebody who may see some rows names one, and is told of that one', async () => {
  const { personas, customers } = live();
  if (personas.owner === undefined) throw new Error('This Directus takes item rules.');
  const { page } = await visitAs(personas.owner);
  const path = '/stripe/payments/{customer_id}';
  expect(await said(page, 'read', path)).toBe('some rows');
  await cellOf(page, 'read', path).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Put a value in place of {customer_id}').waitFor();
  const ask = async (id: string | undefined, verdict: string) => {
    await page.getByLabel('Path at the gateway').fill(`/stripe/payments/${id}`);
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await dialog.locator('.verdict').getByText(verdict).waitFor();
  };

  await ask(customers.find(({ owned }) => owned)?.id, 'Allowed');
  await ask(customers.find(({ owned }) => !owned)?.id, 'Refused');
  expect(await dialog.textContent()).toContain("the user's item rule must let them read the row");
});

it('somebody tries a call, and the API sees exactly it, with the gateway’s credential and not with their token', async () => {
  const { taps, stripe, personas } = live();
  const { page, requests } = await visitAs(personas.writer);
  await cellOf(page, 'create', '/stripe/customers').click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  await page.locator('.opblock-post textarea').fill('{"email":"tried@example.com","name":"Tried Out"}');
  expect(await page.locator('.opblock-summary-method').allTextContents()).toEqual(['GET', 'POST']);
  expect(await page.locator('.opblock.is-open .opblock-summary-method').allTextContents()).toEqual(['POST']);
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.live-responses-table').getByText('tried@example.com').first().waitFor();

  const [seen] = taps.stripe.seen;
  expect(taps.stripe.seen).toHaveLength(1);
  expect(seen).toMatchObject({ method: 'POST', target: '/v1/customers' });
  expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
    email: 'tried@example.com',
    name: 'Tried Out',
  });
  expect(seen?.headers.authorization).toBe(`Bearer ${stripe.secretKey}`);
  expect(taps.stripe.wire.received()).not.toContain(tokenIn(requests));
  expect(await page.content()).not.toContain(stripe.secretKey);
});

it('somebody signs out, and the next one at the screen finds neither their token nor an answer that they had', async () => {
  const { page, requests } = await visitAs(live().personas.writer);
  await page.evaluate(keepLibrary);
  await page.getByRole('button', { name: 'Why may I, or not?' }).click();
  await page.getByLabel('Path at the gateway').fill('/stripe/customers?x=asked-before');
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.locator('#answer .verdict').waitFor();
  await page.keyboard.press('Escape');
  await cellOf(page, 'create', '/stripe/customers').click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  await page.locator('.opblock-post textarea').fill('{"email":"left.behind@example.com"}');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.live-responses-table').getByText('left.behind@example.com').first().waitFor();
  const token = tokenIn(requests);
  const held = String(await page.evaluate('JSON.stringify(library.getState())'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').waitFor();

  expect(token.length).toBeGreaterThan(100);
  expect(held).toMatch(/cus_\w/);
  expect(held).not.toContain(token);
  expect(await page.content()).not.toMatch(new RegExp(`${token}|left\\.behind|asked-before|cus_`));
  expect(await page.locator('#library, #answer, #groups').allTextContents()).toEqual(['', '', '']);
  expect(await page.getByLabel('Path at the gateway').inputValue()).toBe('');
});

it('somebody searches for what is not there, and is told so', async () => {
  const { page } = await visitAs(live().personas.reader);
  await page.getByRole('searchbox').fill('no-such-path');

  expect(await page.locator('#count').textContent()).toBe('No path matches “no-such-path”.');
});

it('the slashes of what stands for several segments reach the API as they were typed', async () => {
  const { taps, personas, environment } = live();
  const config =
    'upstreams: { stripe: { rules: [{ methods: [GET], path: "/v1/of_tomorrow/:id/*", collection: customers }] } }';
  const { page, signIn } = await visitAt((await stopLater(await startGateway(environment, { config }))).url);
  await signIn(personas.reader);
  await page.getByText(`Signed in as ${personas.reader.email}`).waitFor();
  const path = '/stripe/v1/of_tomorrow/{id}/{path}';
  await page.getByRole('searchbox').fill(path);
  await cellOf(page, 'read', path).click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  const fields = page.locator('.opblock-get .parameters input[type=text]');
  await fields.first().fill('one');
  await fields.last().fill('tax_ids/txi_1');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.live-responses-table').waitFor();

  expect(taps.stripe.seen.map(({ target }) => target)).toEqual(['/v1/of_tomorrow/one/tax_ids/txi_1']);
});

it('somebody uses the keyboard alone: to a cell, into its explanation and back', async () => {
  const { page } = await visitAs(live().personas.reader);
  const cell = cellOf(page, 'read', '/stripe/payments');
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab'); // the question
  await page.keyboard.press('Tab'); // the first cell
  expect(await cell.evaluate(hasFocus)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('Allowed').waitFor();
  await page.keyboard.press('Escape');
  expect(await cell.evaluate(hasFocus)).toBe(true);

  await page.getByRole('tab', { name: 'Permissions' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.opblock-tag').first().waitFor();
  expect(await page.getByRole('tab', { name: 'Try a call' }).getAttribute('aria-selected')).toBe('true');
});

it.each([
  ['light', 390],
  ['dark', 390],
  ['light', 1200],
] as const)('nothing is wider than the screen, in %s colours at %d px', async (colorScheme, width) => {
  const { page } = await visitAs(live().personas.writer, { colorScheme, viewport: { width, height: 844 } });
  const widthOf = () => page.evaluate('document.documentElement.scrollWidth');
  const widths = [await widthOf()];
  await cellOf(page, 'create', '/stripe/customers').click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  await page.locator('.opblock-post textarea').waitFor();
  widths.push(await widthOf());

  expect(widths).toEqual([width, width]);
});

/** What each cell of a path says, in the order of the columns. */
const rowOf = (page: Page, path: string): Promise<string[]> =>
  page
    .getByRole('row')
    .filter({ has: page.locator('code', { hasText: new RegExp(`^${path.replaceAll(/[{}]/g, '\\$&')}$`) }) })
    .locator('td span:last-child')
    .allTextContents();

const hasFocus = (element: { matches(selector: string): boolean }): boolean => element.matches(':focus');

/** What Swagger UI makes is then `library`, so that a test sees what it holds. */
const keepLibrary = `Object.defineProperty(window, 'SwaggerUIBundle', {
  set: (create) => { window.createLibrary = create; },
  get: () => (options) => window.library = createLibrary(options),
})`;
